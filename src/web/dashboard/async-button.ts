import { element } from './element.ts'
import { Refusal } from './refusal.ts'

/** Returns the message for a failure. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Refusal)) return 'Something went wrong in the dashboard. Reload the page.'
  if (error.code === 'INTERNAL') return 'Something went wrong on the server.'
  return error.issues.map(({ message }) => message).join(' ') || error.message
}

/** Creates a button for async work: it ignores clicks while the work runs, and keeps the focus. */
export function button(
  name: string,
  work: () => Promise<void>,
  { showMessage = () => {}, ...properties }: ButtonOptions = {},
): HTMLButtonElement {
  const node = element('button', { type: 'button', ...properties }, name)
  const press = async () => {
    if (node.ariaDisabled === 'true') return
    node.ariaDisabled = 'true'
    showMessage('')
    await work().catch((error: unknown) => showMessage(messageOf(error)))
    node.ariaDisabled = null
  }
  node.addEventListener('click', () => void press())
  return node
}

interface ButtonOptions {
  readonly class?: string
  readonly 'aria-label'?: string
  /** Called with an empty text when the work starts, and with the message if it fails. */
  readonly showMessage?: (word: string) => void
}
