import { element } from './element.ts'

/** A secret that is answered once, to copy. It goes when another view is opened. */
export function secretCard(secret: string, word: string): HTMLElement {
  const input = element('input', { id: 'secret', readonly: true, value: secret, spellcheck: 'false' })
  const says = element('p', { class: 'soft', role: 'status' })
  const copy = async () => {
    input.select()
    // Without TLS browsers offer no clipboard; the text is selected by then.
    await navigator.clipboard?.writeText(secret)
    says.replaceChildren('Copied.')
  }
  const onCopy = () => void copy().catch(() => says.replaceChildren('Press Ctrl+C, or ⌘C, to copy.'))
  return element(
    'div',
    { class: 'card secret', role: 'group', 'aria-label': 'Secret' },
    element('label', { for: 'secret' }, 'Signing secret'),
    element('div', { class: 'row' }, input, element('button', { type: 'button', click: onCopy }, 'Copy')),
    element('p', {}, word),
    says,
  )
}
