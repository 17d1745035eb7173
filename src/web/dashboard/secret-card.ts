import { copyRow } from './copy-row.ts'
import { element } from './element.ts'

/** Creates a card with a secret to copy, which is shown only once. It disappears when another view opens. */
export function secretCard(secret: string, message: string): HTMLElement {
  return element(
    'div',
    { class: 'card secret', role: 'group', 'aria-label': 'Secret' },
    element('label', { for: 'secret' }, 'Signing secret'),
    copyRow('secret', secret),
    element('p', {}, message),
  )
}
