import { element } from './element.ts'

/** A status in words; its colour is that of the stylesheet. */
export function badge(status: string): HTMLElement {
  return element('span', { class: 'badge', 'data-status': status }, status.toLowerCase().replaceAll('_', ' '))
}
