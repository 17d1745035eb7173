import { createStore, useStore } from '../../connection/store.ts'

const message = createStore('')

/** Has a message read by screen readers, without showing it. */
export function announce(text: string): void {
  message.set(text)
}

/** The live region of the page. */
export function Announcer() {
  return (
    <div className="unseen" aria-live="polite">
      {useStore(message)}
    </div>
  )
}
