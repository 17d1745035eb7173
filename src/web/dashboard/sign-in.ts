import { element } from './element.ts'

/** Creates the sign-in form; the message is the reason if the user must sign in again. */
export function signInForm(message: string, submit: (key: string) => void): HTMLElement {
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
    // A header cannot contain other characters.
    if (/^[\x21-\x7e]+$/.test(key)) submit(key)
    else status.textContent = 'This is not a valid API key.'
  }
  const status = element('p', { id: 'key-word', class: 'problem', role: 'status' }, message)
  return element(
    'form',
    { class: 'card sign-in', submit: onSubmit },
    element('h2', {}, 'Dashboard'),
    element('label', { for: 'key' }, 'API key'),
    element('div', { class: 'row' }, input, element('button', {}, 'Sign in')),
    status,
    element('p', { class: 'soft' }, 'Rex printed the key at its first start. The key is stored for this tab only.'),
  )
}
