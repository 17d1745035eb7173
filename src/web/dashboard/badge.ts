import { element } from './element.ts'

/** Creates a badge with a status in words; the stylesheet sets its colour. */
export function badge(status: string): HTMLElement {
  return element('span', { class: 'badge', 'data-status': status }, status.toLowerCase().replaceAll('_', ' '))
}
