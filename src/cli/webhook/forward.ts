import { newId } from '../../platform/ids.ts'
import { version } from '../../platform/version.ts'
import { signatureHeaders } from './webhook-signature.ts'

/** Webhook to post to a local address. */
export interface Forwarded {
  readonly url: string
  readonly secret: string
  readonly eventId: string
  readonly type: string
  readonly body: string
}

/** Result of posting a webhook. */
export type ForwardOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly durationMs: number }

const timeoutMs = 15_000

/** Posts a webhook as the server would: with both families of signatures, following no redirect. */
export async function forward({ url, secret, eventId, type, body }: Forwarded): Promise<ForwardOutcome> {
  const begun = performance.now()
  const durationMs = () => Math.round(performance.now() - begun)
  const timestamp = Math.floor(Date.now() / 1000)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': `Rex/${version()}`,
        ...signatureHeaders(secret, { id: eventId, timestamp, body }),
        'x-rex-event': type,
        'x-rex-delivery': newId('delivery'),
        'x-rex-attempt': '1',
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    await response.arrayBuffer()
    return { kind: 'answered', status: response.status, durationMs: durationMs() }
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error), durationMs: durationMs() }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed'
  if (error.name === 'TimeoutError') return `no response within ${timeoutMs / 1000} s`
  const cause: unknown = error.cause
  if (cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED') return 'connection refused'
  return cause instanceof Error ? cause.message : error.message
}
