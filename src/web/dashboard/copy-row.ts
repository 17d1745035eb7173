import { element } from './element.ts'

/** Creates a text that cannot be changed, with a button that copies it. */
export function copyRow(id: string, text: string): HTMLElement {
  const input = element('input', { id, readonly: true, value: text, spellcheck: 'false' })
  const status = element('p', { class: 'soft', role: 'status' })
  const copy = async () => {
    input.select()
    // Without TLS browsers have no clipboard API; the text is already selected for a manual copy.
    await navigator.clipboard?.writeText(text)
    status.replaceChildren('Copied.')
  }
  const onCopy = () => void copy().catch(() => status.replaceChildren('Press Ctrl+C or ⌘C to copy.'))
  return element(
    'div',
    {},
    element('div', { class: 'row' }, input, element('button', { type: 'button', click: onCopy }, 'Copy')),
    status,
  )
}
