import type { LeasedDelivery } from '../queue/leased-delivery.ts'
import { leadsWithPrevious } from '../queue/queue.ts'
import type { AttemptRequest, AttemptResult } from './attempt.ts'
import type { SecretOpener } from './opened-secrets.ts'
import { type SigningSecrets, signatureHeaders } from './signature.ts'

/** The reason why a delivery cannot be sent at all. Its message is shown with the attempt, so it names no key. */
class UnsendableError extends Error {}

/** Returns the signed request of a delivery. @throws UnsendableError */
export function createRequest(delivery: LeasedDelivery, secretOpener: SecretOpener): AttemptRequest {
  const { id, url, event, attemptCount } = delivery
  if (event === null) throw new UnsendableError('The event of this delivery no longer exists. Nothing was sent.')
  const signed = signatureHeaders({
    eventId: event.id,
    timestamp: Math.floor(Date.now() / 1000),
    body: event.body,
    secrets: secretsOf(delivery, secretOpener),
  })
  const headers = {
    ...signed,
    'X-Rex-Event': event.type,
    'X-Rex-Delivery': id,
    'X-Rex-Attempt': String(attemptCount + 1),
  }
  return { url, headers, body: event.body }
}

/**
 * Returns the result of an attempt that sent nothing because the stored data allows no request. It counts as a failed
 * attempt: it is recorded, follows the retry schedule, and slows the endpoint's other deliveries through its health.
 */
export function unsentResult(error: unknown): AttemptResult {
  const detail =
    error instanceof UnsendableError
      ? error.message
      : 'The request of this delivery could not be built. Nothing was sent.'
  const outcome = { kind: 'unreachable', error: 'PROTOCOL', detail } as const
  return { outcome, startedAt: new Date(), durationMs: 0, responseBody: null, inside: false }
}

/**
 * Returns both secrets during a rotation, in the order in which they sign; only the current one if the previous one
 * cannot be decrypted.
 */
function secretsOf(delivery: LeasedDelivery, secretOpener: SecretOpener): SigningSecrets {
  const current = openSecret(secretOpener, delivery.secret, delivery)
  const previous = delivery.previousSecret && openSecret(secretOpener, delivery.previousSecret, delivery)
  if (current === undefined)
    throw new UnsendableError(
      'The signing secret of this endpoint cannot be decrypted with the encryption keys of this server. Nothing was sent.',
    )
  if (!previous) return { accepted: current }
  return leadsWithPrevious(delivery) ? { accepted: previous, other: current } : { accepted: current, other: previous }
}

function openSecret(
  secretOpener: SecretOpener,
  sealed: string,
  { workspaceId, endpointId: id }: LeasedDelivery,
): string | undefined {
  try {
    return secretOpener.open(sealed, { workspaceId, id })
  } catch {
    return undefined // A missing key or a modified row: the attempt's result reports it.
  }
}
