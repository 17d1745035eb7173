import { type FormEvent, useEffect, useRef, useState } from 'react'
import { addAttribution, encodeForm, readAttribution } from './lead.ts'
import { type CapturedLead, type SendResult, sendLead } from './send-lead.ts'

export type CaptureState =
  | { readonly name: 'idle' | 'sending' | 'sent' }
  | { readonly name: 'failed'; readonly messages: readonly string[] }

export interface CaptureOptions {
  readonly url: string
  readonly onSent?: ((lead: CapturedLead) => void) | undefined
  readonly onFailed?: ((result: Exclude<SendResult, { kind: 'sent' }>) => void) | undefined
}

/** Content that was sent last, and its idempotency key. */
interface Attempt {
  readonly content: string
  readonly key: string
}

/** Returns the state of a form and its handler of submits. */
export function useCapture({ url, onSent, onFailed }: CaptureOptions) {
  const [state, setState] = useState<CaptureState>({ name: 'idle' })
  const attribution = useRef<Record<string, string>>({})
  const attempt = useRef<Attempt>({ content: '', key: '' })
  const postsNatively = useRef(false)
  // The address of the page as it was opened: an app may change it before the form is sent.
  useEffect(() => {
    attribution.current = readAttribution()
  }, [])

  const submit = (event: FormEvent<HTMLFormElement>) => {
    const form: HTMLFormElement = event.currentTarget
    if (postsNatively.current) {
      form.addEventListener('formdata', ({ formData }) => complete(formData), { once: true })
      return
    }
    event.preventDefault()
    if (state.name !== 'sending') void send(form, submitterOf(event.nativeEvent))
  }

  /** Adds what the form does not have itself, the same to what a script sends and to what the browser posts. */
  function complete(data: FormData): void {
    addAttribution(data, attribution.current)
    attempt.current = attemptFor(encodeForm(data), attempt.current)
    data.append('_idempotency_key', attempt.current.key)
  }

  async function send(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
    const data = new FormData(form, submitter)
    complete(data)
    setState({ name: 'sending' })
    const result = await sendLead(url, encodeForm(data))
    if (result.kind === 'sent') {
      attempt.current = { content: '', key: '' }
      setState({ name: 'sent' })
      form.reset()
      return onSent?.(result.lead)
    }
    // A policy of the page or an extension may forbid scripts what a form may do. Offline a form post would lose the page.
    postsNatively.current = result.kind === 'unreachable' && navigator.onLine
    setState({ name: 'failed', messages: messagesOf(result) })
    onFailed?.(result)
  }

  return { state, submit }
}

/** Keeps the idempotency key as long as the content is the same, so that sending it again is one submission. */
function attemptFor(content: string, last: Attempt): Attempt {
  if (last.content === content) return last
  // Not randomUUID: pages without TLS do not have it.
  return { content, key: crypto.getRandomValues(new Uint32Array(4)).join('-') }
}

function submitterOf(event: Event): HTMLElement | null {
  return event instanceof SubmitEvent ? event.submitter : null
}

function messagesOf(result: SendResult): string[] {
  if (result.kind === 'unreachable') return ['Please try again.']
  return result.kind === 'refused' ? result.fields.map(({ path, message }) => `${path}: ${message}.`) : []
}
