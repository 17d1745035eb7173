import { X } from 'lucide-react'
import { createStore, useStore } from '../../connection/store.ts'
import './toast.css'

interface Toast {
  readonly id: number
  readonly text: string
  readonly tone: 'neutral' | 'good' | 'bad'
}

const shownMs = 6000
const toasts = createStore<readonly Toast[]>([])
let counted = 0

/** Shows a message at the corner for some seconds; errors stay until they are closed. */
export function showToast(text: string, tone: Toast['tone'] = 'neutral'): void {
  const id = ++counted
  toasts.set([...toasts.get(), { id, text, tone }])
  if (tone !== 'bad') setTimeout(() => closeToast(id), shownMs)
}

function closeToast(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id))
}

/** Messages of the page, once in the shell. */
export function Toasts() {
  return (
    <div className="toasts" role="status">
      {useStore(toasts).map(({ id, text, tone }) => (
        <div key={id} className="toast" data-tone={tone}>
          <span>{text}</span>
          <button type="button" aria-label="Close message" onClick={() => closeToast(id)}>
            <X size={16} aria-hidden />
          </button>
        </div>
      ))}
    </div>
  )
}
