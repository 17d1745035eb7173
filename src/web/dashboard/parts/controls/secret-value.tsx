import { CopyButton } from './copy-button.tsx'
import './secret-value.css'

/** A value to copy, such as a new key, a secret or a URL. */
export function SecretValue({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div className="secret-value">
      <input className="control" readOnly aria-label={label} value={value} onFocus={({ target }) => target.select()} />
      <CopyButton text={value} />
    </div>
  )
}
