/** The contact as the answer of a capture shows it. */
export interface CapturedLead {
  readonly id: string
  readonly email: string
}

/** A message for one field of the form; `path` is its name. */
interface FieldMessage {
  readonly path: string
  readonly message: string
}

export type SendResult =
  | { readonly kind: 'sent'; readonly lead: CapturedLead }
  | { readonly kind: 'refused'; readonly fields: readonly FieldMessage[] }
  | { readonly kind: 'unreachable' }

const timeoutMs = 20_000

/** Posts an encoded form, with the same bytes as the browser would, and reads the answer. It needs no preflight. */
export async function sendLead(url: string, body: string): Promise<SendResult> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await fetch(url, { method: 'POST', headers, body, credentials: 'omit', signal })
    const { data, error } = parseAnswer(await response.json())
    return response.ok && data ? { kind: 'sent', lead: data } : { kind: 'refused', fields: error?.fields ?? [] }
  } catch {
    return { kind: 'unreachable' } // No connection, no answer in time, or an answer that is not of Rex.
  }
}

interface Answer {
  readonly data?: CapturedLead
  readonly error?: { readonly fields?: readonly FieldMessage[] }
}

function parseAnswer(answer: unknown): Answer {
  return answer as Answer
}
