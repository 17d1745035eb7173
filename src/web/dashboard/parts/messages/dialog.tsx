import { X } from 'lucide-react'
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { Button } from '../controls/button.tsx'
import './dialog.css'

interface DialogProps {
  readonly title: string
  /** A panel at the right keeps the page in sight. */
  readonly place?: 'center' | 'side'
  readonly onClose: () => void
  readonly children: ReactNode
}

/** Dialog of the browser: it holds the focus, closes with Escape, and gives the focus back. Render it to open it. */
export function Dialog({ title, place = 'center', onClose, children }: DialogProps) {
  const node = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = node.current
    const opener = document.activeElement
    dialog?.showModal()
    return () => {
      dialog?.close()
      if (opener instanceof HTMLElement) opener.focus()
    }
  }, [])
  return (
    <dialog
      ref={node}
      className="dialog"
      data-place={place}
      aria-labelledby={id}
      onCancel={cancel}
      onPointerDown={close}
    >
      <header className="dialog-head">
        <h2 id={id}>{title}</h2>
        <Button look="quiet" aria-label="Close" onClick={onClose}>
          <X size={18} aria-hidden />
        </Button>
      </header>
      <div className="dialog-body">{children}</div>
    </dialog>
  )
  function cancel(event: { preventDefault(): void }) {
    event.preventDefault()
    onClose()
  }
  /** Clicks on the veil arrive at the dialog itself. */
  function close({ target }: { target: EventTarget }) {
    if (target === node.current) onClose()
  }
}
