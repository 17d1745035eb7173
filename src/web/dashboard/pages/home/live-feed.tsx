import { Link } from 'wouter'
import type { LeadFragment } from '../../../../generated/graphql/graphql.ts'
import { useMay } from '../../connection/signed-in.tsx'
import { Button } from '../../parts/controls/button.tsx'
import { Card } from '../../parts/surface/card.tsx'
import { EmptyState } from '../../parts/surface/empty-state.tsx'
import { Skeleton } from '../../parts/surface/skeleton.tsx'
import { RelativeTime } from '../../parts/values/relative-time.tsx'
import { Untrusted } from '../../parts/values/untrusted.tsx'
import type { PageProps } from '../../routing/page-props.ts'
import { useRecentLeads } from './use-recent-leads.ts'
import './live-feed.css'

/** Newest leads; each new one slides in at the top. */
export function LiveFeed({ openTestLead }: PageProps) {
  const { leads, arrivedIds } = useRecentLeads()
  const mayWrite = useMay('CONTACTS_WRITE')
  return (
    <Card title="Live" className="feed-card">
      {leads === undefined && <Skeleton lines={8} />}
      {leads?.length === 0 && (
        <EmptyState
          title="No leads yet."
          action={mayWrite && <Button onClick={openTestLead}>Send the first one</Button>}
        >
          Each new lead slides in here.
        </EmptyState>
      )}
      <ol className="feed">
        {leads?.map((lead) => (
          <FeedRow key={lead.id} lead={lead} hasArrived={arrivedIds.has(lead.id)} />
        ))}
      </ol>
    </Card>
  )
}

function FeedRow({ lead, hasArrived }: { readonly lead: LeadFragment; readonly hasArrived: boolean }) {
  return (
    <li data-arrived={hasArrived}>
      <Link href={`/leads/${lead.id}`}>
        <span className="feed-mark" aria-hidden>
          {[...lead.displayName][0]?.toUpperCase()}
        </span>
        <span className="feed-text">
          <strong>
            <Untrusted text={lead.displayName} />
          </strong>
          <span className="soft">
            <Untrusted text={lead.source ?? lead.email} />
          </span>
        </span>
        <span className="soft feed-time">
          <RelativeTime at={lead.createdAt} />
        </span>
      </Link>
    </li>
  )
}
