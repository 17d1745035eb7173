import { append, call, createElement, querySelector } from './prototypes.ts'

/** Attributes that make password managers ignore a field: each manager has its own. */
const optOuts = ['data-1p-ignore', 'data-bwignore', 'data-lpignore', 'data-protonpass-ignore', 'data-form-type']

/**
 * Adds a field that people cannot see or reach by keyboard or screen reader. It has its own label, because browsers would
 * use the label before it and fill the field in. It has no style attribute, because a strict CSP forbids one.
 */
export function addHoneypot(form: HTMLFormElement): void {
  if (call(querySelector, form, '[name=_gotcha]')) return
  const label = call(createElement, document, 'label')
  const input = call(createElement, document, 'input') as HTMLInputElement
  input.name = '_gotcha'
  input.autocomplete = 'off'
  input.tabIndex = -1
  for (const name of optOuts) input.setAttribute(name, name === 'data-form-type' ? 'other' : 'true')
  label.setAttribute('aria-hidden', 'true')
  label.style.cssText = 'position:fixed;left:-9999px'
  label.append('Leave empty', input)
  call(append, form, label)
}
