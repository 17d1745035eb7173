import { element } from './element.ts'

/** Creates a card with a secret to copy, which is shown only once. It disappears when another view opens. */
export function secretCard(secret: string, message: string): HTMLElement {
  const input = element('input', { id: 'secret', readonly: true, value: secret, spellcheck: 'false' })
  const status = element('p', { class: 'soft', role: 'status' })
  const copy = async () => {
    input.select()
    // Without TLS browsers have no clipboard API; the text is already selected for a manual copy.
    await navigator.clipboard?.writeText(secret)
    status.replaceChildren('Copied.')
  }
  const onCopy = () => void copy().catch(() => status.replaceChildren('Press Ctrl+C or ⌘C to copy.'))
  return element(
    'div',
    { class: 'card secret', role: 'group', 'aria-label': 'Secret' },
    element('label', { for: 'secret' }, 'Signing secret'),
    element('div', { class: 'row' }, input, element('button', { type: 'button', click: onCopy }, 'Copy')),
    element('p', {}, message),
    status,
  )
}
