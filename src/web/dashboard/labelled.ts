import { element } from './element.ts'
import { problemAt } from './problems.ts'

/** Creates a field of a form: its label, its input, and the place for what is wrong with it. */
export function labelled(name: string, input: HTMLElement, field: string): HTMLElement {
  input.setAttribute('aria-describedby', `problem-${field}`)
  return element('div', { class: 'field' }, element('label', { for: input.id }, name), input, problemAt(field))
}
