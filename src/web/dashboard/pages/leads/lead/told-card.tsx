import type { DeliveryStatus, TellingFragment } from '../../../../../generated/graphql/graphql.ts'
import { Badge } from '../../../parts/surface/badge.tsx'
import { Card } from '../../../parts/surface/card.tsx'
import { durationText } from '../../../parts/values/numbers.ts'
import { RelativeTime } from '../../../parts/values/relative-time.tsx'
import { Untrusted } from '../../../parts/values/untrusted.tsx'

const tones: Readonly<Record<DeliveryStatus, 'good' | 'bad' | 'warn' | 'neutral'>> = {
  SUCCEEDED: 'good',
  FAILED: 'bad',
  RETRYING: 'warn',
  HELD: 'warn',
  PENDING: 'neutral',
  CANCELED: 'neutral',
}

/** Who has been told about a lead, and who has not yet, with each attempt. */
export function ToldCard({ deliveries }: { readonly deliveries: readonly TellingFragment[] }) {
  return (
    <Card title="Who has been told">
      {deliveries.length === 0 && (
        <p className="soft">
          Nobody yet. <a href="#/webhooks">Webhooks</a> send each lead on.
        </p>
      )}
      <ul className="lead-entries">
        {deliveries.map((delivery) => (
          <Telling key={delivery.id} delivery={delivery} />
        ))}
      </ul>
    </Card>
  )
}

function Telling({ delivery }: { readonly delivery: TellingFragment }) {
  const { id, status, endpoint, event, attempts, createdAt, nextAttemptAt } = delivery
  return (
    <li data-id={id} className="telling">
      <div className="telling-head">
        <Badge tone={tones[status]}>{status.toLowerCase()}</Badge>
        {endpoint ? (
          <a href={`#/webhooks/${endpoint.id}`}>
            <Untrusted text={endpoint.url} />
          </a>
        ) : (
          <span>a deleted webhook</span>
        )}
        <span className="soft">
          {event && <code>{event.type}</code>} <RelativeTime at={createdAt} />
        </span>
      </div>
      <ol>
        {attempts.map((attempt) => (
          <li key={attempt.id} className="soft">
            {`Attempt ${attempt.number}: `}
            <Untrusted text={resultOf(attempt)} />
            {`, ${durationText(attempt.durationMs)}, `}
            <RelativeTime at={attempt.startedAt} />
          </li>
        ))}
      </ol>
      {nextAttemptAt !== null && (
        <p className="soft">
          Next attempt <RelativeTime at={nextAttemptAt} />
        </p>
      )}
    </li>
  )
}

function resultOf({ responseStatus, error, detail }: TellingFragment['attempts'][number]): string {
  const reason = [error?.toLowerCase().replaceAll('_', ' '), detail].filter(Boolean).join(', ')
  return [responseStatus, reason].filter(Boolean).join(' ')
}
