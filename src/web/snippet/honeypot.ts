import { append, call, createElement, querySelector } from './prototypes.ts'

/** Password managers leave a field with these alone: each knows its own. */
const optOuts = ['data-1p-ignore', 'data-bwignore', 'data-lpignore', 'data-protonpass-ignore', 'data-form-type']

/**
 * Adds a field that people neither see nor reach by keyboard or screen reader. The label keeps browsers from taking the
 * one before it for its own, and filling the field in. No style attribute: a strict CSP forbids it.
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
