import { append, call, createElement, getAttribute, querySelector } from './prototypes.ts'

/** Default texts, which the form's own attributes replace. */
const texts = {
  'data-rex-failed': 'This could not be sent. Please check your entries and try again.',
  'data-rex-queued': 'This could not be sent yet. It is stored in this browser and will be sent later.',
}

/**
 * Shows a text at the form, in the page's element `data-rex-message` or in a paragraph at its end. Screen readers read an
 * alert immediately.
 */
export function showMessage(form: HTMLFormElement, name: keyof typeof texts, details: readonly string[] = []): void {
  let place = findPlace(form)
  if (!place) {
    place = call(createElement, document, 'p')
    place.setAttribute('data-rex-message', '')
    call(append, form, place)
  }
  place.setAttribute('role', name === 'data-rex-failed' ? 'alert' : 'status')
  place.textContent = [call(getAttribute, form, name) ?? texts[name], ...details].join(' ')
}

export function clearMessage(form: HTMLFormElement): void {
  const place = findPlace(form)
  if (place) place.textContent = ''
}

function findPlace(form: HTMLFormElement): Element | null {
  return call(querySelector, form, '[data-rex-message]')
}
