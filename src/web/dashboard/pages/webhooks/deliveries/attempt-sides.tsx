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

/** The request as far as it is stored: signatures are made anew for each attempt, and are not. */
export function AttemptRequest({ delivery, attempt }: AttemptRequestProps) {
  const { id, endpoint, event } = delivery
  const headers = [
    'Content-Type: application/json',
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
      {event ? (
        <CodeBlock label="Data of the body" text={JSON.stringify(event.data, null, 2)} />
      ) : (
        <p className="soft">Its body needs a key with the scope EVENTS_READ.</p>
      )}
    </section>
  )
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
