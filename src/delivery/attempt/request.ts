import type { SecretBox } from '../../webhooks/secret-box.ts'
import { type ClaimedDelivery, leadsWithPrevious } from '../queue/queue.ts'
import type { AttemptRequest, AttemptResult } from './attempt.ts'
import { type SigningSecrets, signatureHeaders } from './signature.ts'

/** Why a delivery cannot be sent at all. The message is shown with the attempt, so it names no key. */
class UnsendableError extends Error {}

/** The signed request of a delivery. @throws UnsendableError */
export function requestOf(delivery: ClaimedDelivery, secretBox: SecretBox): AttemptRequest {
  const { id, url, event, attemptCount } = delivery
  if (event === null) throw new UnsendableError('The event of this delivery does not exist any more. Nothing was sent.')
  const signed = signatureHeaders({
    eventId: event.id,
    timestamp: Math.floor(Date.now() / 1000),
    body: event.body,
    secrets: secretsOf(delivery, secretBox),
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
 * The result of an attempt that sent nothing, because of what is stored. It is an attempt like any other: it is recorded,
 * follows the schedule and ends, and the endpoint's health keeps its other deliveries waiting meanwhile.
 */
export function unsentResult(error: unknown): AttemptResult {
  const detail =
    error instanceof UnsendableError ? error.message : 'The request of this delivery cannot be made. Nothing was sent.'
  const outcome = { kind: 'unreachable', error: 'PROTOCOL', detail } as const
  return { outcome, startedAt: new Date(), durationMs: 0, responseBody: null, inside: false }
}

/** During a rotation both, the one to lead with first; the current one alone when the previous one cannot be opened. */
function secretsOf(delivery: ClaimedDelivery, secretBox: SecretBox): SigningSecrets {
  const current = openSecret(secretBox, delivery.secret, delivery)
  const previous = delivery.previousSecret && openSecret(secretBox, delivery.previousSecret, delivery)
  if (current === undefined)
    throw new UnsendableError(
      'The signing secret of this endpoint cannot be opened with the encryption keys of this server. Nothing was sent.',
    )
  if (!previous) return { accepted: current }
  return leadsWithPrevious(delivery) ? { accepted: previous, other: current } : { accepted: current, other: previous }
}

function openSecret(secretBox: SecretBox, sealed: string, delivery: ClaimedDelivery): string | undefined {
  try {
    return secretBox.open(sealed, delivery)
  } catch {
    return undefined // A key that is missing, or a row that was changed: the attempt says so.
  }
}
