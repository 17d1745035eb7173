import { bait } from './bait.ts'
import { type Lead, readLead } from './lead.ts'
import { sendKept, sendLead } from './outbox.ts'

/** What a form has sent, so that the same is not sent twice. */
const sent = new WeakMap<HTMLFormElement, string>()
const selector = 'form[data-rex-form]'
const stateName = 'data-rex-state'
const script = document.currentScript
const ownUrl = script instanceof HTMLScriptElement ? new URL('capture', script.src).href : ''

/** Takes over every form that is marked, also those that come later; on the window, after the page's own listeners. */
export function bindForms(): void {
  document.querySelectorAll<HTMLFormElement>(selector).forEach(bait)
  addEventListener('focusin', ({ target }) => {
    const form = target instanceof Element && target.closest<HTMLFormElement>(selector)
    if (form) bait(form)
  })
  addEventListener('submit', (event) => {
    const { target, defaultPrevented, submitter } = event
    if (defaultPrevented || !(target instanceof HTMLFormElement) || !target.matches(selector)) return
    const lead = readLead(target, submitter) // Should it fail, the form is posted as any other.
    event.preventDefault()
    submit(target, submitter, lead)
  })
}

function submit(form: HTMLFormElement, submitter: HTMLElement | null, lead: Lead): void {
  const print = JSON.stringify(lead)
  const state = form.getAttribute(stateName)
  const isSame = sent.get(form) === print
  if (isSame && state === 'queued') sendKept()
  if (state === 'sending' || (isSame && state !== 'failed') || !tell(form, 'submit', lead)) return
  sent.set(form, print)
  form.setAttribute(stateName, 'sending')
  const action = form.getAttribute('action')
  sendLead(action ? new URL(action, document.baseURI).href : ownUrl, lead, async (answer) => {
    if (answer === null) return settle(form, 'queued', lead)
    const { data, error = { code: 'unreachable' } } = answer ? await answer.json().catch(() => ({})) : {}
    if (!answer?.ok) return refuse(form, error)
    // What was typed in the meantime is another fill-in: it stays.
    const isUntouched = JSON.stringify(readLead(form, submitter)) === print
    if (settle(form, 'sent', data) && isUntouched) leave(form, lead)
  })
}

function leave(form: HTMLFormElement, { _redirect: target }: Lead): void {
  const url = `${target}`
  if (/^https?:/i.test(url)) location.assign(url)
  else {
    sent.delete(form)
    form.reset()
  }
}

interface Refusal {
  readonly fields?: readonly { readonly path: string; readonly message: string }[]
}

/** Each message at its field, until something is changed: it would block the form for ever. */
function refuse(form: HTMLFormElement, error: Refusal): void {
  settle(form, 'failed', error)
  for (const { path, message } of error.fields ?? []) {
    const name = path.replace('metadata.', '')
    const control = form.querySelector<HTMLInputElement>(`[name="${name}"],[name="metadata[${name}]"]`)
    control?.setCustomValidity(message)
    addEventListener('input', () => control?.setCustomValidity(''), { once: true })
  }
  form.reportValidity()
}

const events = { queued: 'queued', sent: 'success', failed: 'error' }

function settle(form: HTMLFormElement, state: keyof typeof events, detail: unknown): boolean {
  form.setAttribute(stateName, state)
  return tell(form, events[state], detail)
}

/** Whether no listener has prevented what comes next. */
function tell(form: HTMLFormElement, name: string, detail: unknown): boolean {
  return form.dispatchEvent(new CustomEvent(`rex:${name}`, { bubbles: true, cancelable: true, detail }))
}
