/**
 * A field that people neither see nor reach by keyboard or screen reader; who fills it is none. The label keeps browsers
 * from taking the one before it for its own, and filling the field in. No style attribute: a strict CSP forbids it.
 */
export function bait(form: HTMLFormElement): void {
  if (form.querySelector('[name=_gotcha]')) return
  const label = document.createElement('label')
  const input = document.createElement('input')
  input.name = '_gotcha'
  input.autocomplete = 'off'
  input.tabIndex = -1
  label.setAttribute('aria-hidden', 'true')
  label.style.cssText = 'position:fixed;left:-9999px'
  label.append('Leave empty', input)
  form.append(label)
}
