import { Card } from '../../../parts/surface/card.tsx'
import { CodeBlock } from '../../../parts/values/code-block.tsx'
import { RelativeTime } from '../../../parts/values/relative-time.tsx'
import type { LeadDetails } from './use-lead.ts'

type Events = NonNullable<LeadDetails['events']>['nodes']

/** Events of a lead, newest first, with their data as webhooks get it. */
export function EventsCard({ events }: { readonly events: Events }) {
  return (
    <Card title="Events">
      {events.length === 0 && <p className="soft">None are kept.</p>}
      <ul className="lead-entries">
        {events.map(({ id, type, createdAt, data }) => (
          <li key={id}>
            <details data-id={id}>
              <summary>
                <code>{type}</code> <RelativeTime at={createdAt} />
              </summary>
              <CodeBlock label={`Data of ${type}`} text={JSON.stringify(data, null, 2)} />
            </details>
          </li>
        ))}
      </ul>
    </Card>
  )
}
