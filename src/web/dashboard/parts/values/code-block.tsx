import { CopyButton } from '../controls/copy-button.tsx'
import './code-block.css'

interface CodeBlockProps {
  readonly label: string
  /** Text that is copied. */
  readonly text: string
  /** Text that is shown, if it is another. */
  readonly shown?: string
}

/** Code to copy. */
export function CodeBlock({ label, text, shown = text }: CodeBlockProps) {
  return (
    <figure className="code-block" aria-label={label}>
      <CopyButton text={text} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by its focus. */}
      <pre tabIndex={0}>
        <code>{shown}</code>
      </pre>
    </figure>
  )
}
