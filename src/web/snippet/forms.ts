import { addHoneypot } from './honeypot.ts'
import { type Lead, readLead } from './lead.ts'
import { clearMessage, showMessage } from './message.ts'
import { sendLead, sendStored } from './outbox.ts'
import {
  call,
  closest,
  dispatchEvent,
  getAttribute,
  matches,
  ofDocument,
  querySelector,
  querySelectorAll,
  reportValidity,
  reset,
  setAttribute,
} from './prototypes.ts'

/** Content that each form has sent, so that the same content is not sent twice. */
const sent = new WeakMap<HTMLFormElement, string>()
/** Forms whose next submit the browser handles, because sending by script has failed permanently. */
const submitNatively = new WeakSet<HTMLFormElement>()
const selector = 'form[data-rex-form]'
const stateName = 'data-rex-state'
const script = ofDocument('currentScript')
const ownUrl = script instanceof HTMLScriptElement ? new URL('capture', script.src).href : ''

/** Handles every marked form, also forms added later. Listens on the window, after the page's own listeners. */
export function bindForms(): void {
  for (const form of call(querySelectorAll, document, selector)) addHoneypot(form as HTMLFormElement)
  addEventListener('focusin', ({ target }) => {
    const form = target instanceof Element && call(closest, target, selector)
    if (form) addHoneypot(form as HTMLFormElement)
  })
  addEventListener('submit', (event) => {
    const { target, defaultPrevented, submitter } = event
    if (defaultPrevented || !(target instanceof HTMLFormElement) || !call(matches, target, selector)) return
    if (submitNatively.delete(target)) return
    submit(target, submitter) // If it throws, the browser posts the form.
    event.preventDefault()
  })
}

function submit(form: HTMLFormElement, submitter: HTMLElement | null): void {
  const lead = readLead(form, submitter)
  const fingerprint = JSON.stringify(lead)
  const action = call(getAttribute, form, 'action')
  const url = action ? new URL(action, String(ofDocument('baseURI'))).href : ownUrl
  const state = call(getAttribute, form, stateName)
  const isSame = sent.get(form) === fingerprint
  if (isSame && state === 'queued') sendStored()
  if (state === 'sending' || (isSame && state !== 'failed') || !emit(form, 'submit', lead)) return
  sent.set(form, fingerprint)
  call(setAttribute, form, stateName, 'sending')
  clearMessage(form)
  sendLead(url, lead, async (response) => {
    if (!response) {
      showMessage(form, 'data-rex-queued')
      return settle(form, 'queued', lead)
    }
    const { data, error = { code: 'unreachable' } } = await response.json().catch(() => ({}))
    if (!response.ok) return showErrors(form, error, action)
    // Edits after the submit belong to a new lead and stay in the form.
    const isUntouched = JSON.stringify(readLead(form, submitter)) === fingerprint
    clearMessage(form)
    if (settle(form, 'sent', data) && isUntouched) finish(form, lead)
  })
}

function finish(form: HTMLFormElement, { _redirect: target }: Lead): void {
  const url = `${target}`
  if (/^https?:/i.test(url)) location.assign(url)
  else {
    sent.delete(form)
    call(reset, form)
  }
}

interface Refusal {
  readonly fields?: readonly { readonly path: string; readonly message: string }[]
}

/**
 * Shows every message at the form, and at its field if the browser can show it there. The next input clears the custom
 * validity, which would otherwise block the form permanently, as on a field that cannot be focused.
 */
function showErrors(form: HTMLFormElement, error: Refusal, action: string | null): void {
  const details = (error.fields ?? []).map(({ path, message }) => {
    const name = path.replace('metadata.', '')
    const control = findControl(form, name)
    if (control?.willValidate && control.checkVisibility?.({ visibilityProperty: true })) {
      control.setCustomValidity(message)
      addEventListener('input', () => control.setCustomValidity(''), { once: true })
    }
    return `${control?.labels?.[0]?.textContent?.trim() || name}: ${message}.`
  })
  if (!details.length && action) submitNatively.add(form)
  showMessage(form, 'data-rex-failed', details)
  settle(form, 'failed', error)
  call(reportValidity, form)
}

function findControl(form: HTMLFormElement, name: string): HTMLInputElement | null {
  const quoted = CSS.escape(name)
  return call(querySelector, form, `[name="${quoted}"],[name="metadata[${quoted}]"]`) as HTMLInputElement | null
}

const events = { queued: 'queued', sent: 'success', failed: 'error' }

function settle(form: HTMLFormElement, state: keyof typeof events, detail: unknown): boolean {
  call(setAttribute, form, stateName, state)
  return emit(form, events[state], detail)
}

/** Dispatches an event and returns whether no listener has prevented the next step. */
function emit(form: HTMLFormElement, name: string, detail: unknown): boolean {
  return call(dispatchEvent, form, new CustomEvent(`rex:${name}`, { bubbles: true, cancelable: true, detail }))
}
