import type { DeliveryDetailsQuery } from '../../../../../generated/graphql/graphql.ts'
import { useMay } from '../../../connection/signed-in.tsx'
import { CodeBlock } from '../../../parts/values/code-block.tsx'
import { durationText } from '../../../parts/values/numbers.ts'
import { RelativeTime } from '../../../parts/values/relative-time.tsx'
import { Untrusted } from '../../../parts/values/untrusted.tsx'
import { resultText } from '../words.ts'

export type Details = NonNullable<DeliveryDetailsQuery['delivery']>
type Attempt = Details['attempts'][number]

interface AttemptRequestProps {
  readonly delivery: Details
  readonly attempt: Attempt
}

/** The request as it was sent, except for its signatures: they are made anew for each attempt, and are not stored. */
export function AttemptRequest({ delivery, attempt }: AttemptRequestProps) {
  const { id, endpoint, event } = delivery
  const mayReadPii = useMay('PII_READ')
  const body = event && bodyOf(event)
  const headers = [
    'Content-Type: application/json',
    ...(body && mayReadPii ? [`Content-Length: ${new TextEncoder().encode(JSON.stringify(body)).length}`] : []),
    ...(event ? [`X-Rex-Event: ${event.type}`] : []),
    `X-Rex-Delivery: ${id}`,
    `X-Rex-Attempt: ${attempt.number}`,
    ...(event ? [`webhook-id: ${event.id}`] : []),
  ]
  return (
    <section className="attempt-side" aria-label="Request">
      <h3>Request</h3>
      <p>
        POST <Untrusted text={endpoint?.url ?? 'a deleted webhook'} />
      </p>
      <CodeBlock label="Headers of the request" text={headers.join('\n')} />
      <p className="soft">The signature and its time are made anew for each attempt, and are not stored.</p>
      {body ? (
        <CodeBlock label="Body of the request" text={JSON.stringify(body)} shown={JSON.stringify(body, null, 2)} />
      ) : (
        <p className="soft">Its body needs a key with the scope EVENTS_READ.</p>
      )}
      {body && !mayReadPii && <p className="soft">E-mails are masked without the scope PII_READ.</p>}
    </section>
  )
}

/** Returns the body of the webhook, whose JSON is what each attempt sends. */
function bodyOf({ id, type, createdAt, data, changedFields }: NonNullable<Details['event']>) {
  const changed = changedFields.length > 0 && { changed: changedFields }
  return { id, event: type, timestamp: createdAt, data, ...changed }
}

const triggers = { AUTOMATIC: 'by itself', MANUAL: 'by hand', REPLAY: 'by a replay', TEST: 'as a test' }

export function AttemptResponse({ attempt }: { readonly attempt: Attempt }) {
  const { startedAt, durationMs, trigger } = attempt
  return (
    <section className="attempt-side" aria-label="Response">
      <h3>Response</h3>
      <p>
        <Untrusted text={resultText(attempt)} />
      </p>
      <p className="soft">
        Sent {triggers[trigger]} <RelativeTime at={startedAt} />, {durationText(durationMs)}
      </p>
      <ResponseBody attempt={attempt} />
    </section>
  )
}

function ResponseBody({ attempt: { responseBody, responseStatus } }: { readonly attempt: Attempt }) {
  const mayReadPii = useMay('PII_READ')
  if (responseBody !== null && responseBody !== '')
    return <CodeBlock label="Body of the response" text={responseBody} />
  if (!mayReadPii) return <p className="soft">Its body needs a key with the scope PII_READ.</p>
  return <p className="soft">{responseStatus === null ? 'There is no body.' : 'The body is empty or not stored.'}</p>
}
