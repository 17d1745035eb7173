import { element } from './element.ts'

/** Asks for a key; the word says why, where it is asked for again. */
export function signInForm(word: string, submit: (key: string) => void): HTMLElement {
  const input = element('input', {
    id: 'key',
    type: 'password',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
    'aria-describedby': 'key-word',
  })
  const onSubmit = (event: Event) => {
    event.preventDefault()
    const key = input.value.trim()
    input.value = ''
    // Of other characters no header can be made.
    if (/^[\x21-\x7e]+$/.test(key)) submit(key)
    else says.textContent = 'This is no key.'
  }
  const says = element('p', { id: 'key-word', class: 'problem', role: 'status' }, word)
  return element(
    'form',
    { class: 'card sign-in', submit: onSubmit },
    element('h2', {}, 'Dashboard'),
    element('label', { for: 'key' }, 'API key'),
    element('div', { class: 'row' }, input, element('button', {}, 'Sign in')),
    says,
    element('p', { class: 'soft' }, 'It was printed at the first start, and is kept for this tab alone.'),
  )
}
