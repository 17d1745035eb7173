import type { ReactNode } from 'react'
import { Badge } from '../../../parts/surface/badge.tsx'
import { Card } from '../../../parts/surface/card.tsx'
import { RelativeTime } from '../../../parts/values/relative-time.tsx'
import { Untrusted } from '../../../parts/values/untrusted.tsx'
import { rowsOf, ValueList } from '../../../parts/values/value-list.tsx'
import type { LeadDetails } from './use-lead.ts'

/** What is known of a person. */
export function FactsCard({ lead }: { readonly lead: LeadDetails }) {
  const metadata = rowsOf(lead.metadata)
  const rows: [string, ReactNode][] = [
    ['E-mail', <Untrusted key="email" text={lead.email} />],
    ['First name', textOrDash(lead.firstName)],
    ['Last name', textOrDash(lead.lastName)],
    [
      'Stage',
      <Badge key="stage" tone="accent">
        <Untrusted text={lead.stage} />
      </Badge>,
    ],
    ['Source', textOrDash(lead.source)],
    ['Since', <RelativeTime key="since" at={lead.createdAt} />],
    ['Changed', <RelativeTime key="changed" at={lead.updatedAt} />],
    ['Last seen', <RelativeTime key="seen" at={lead.lastSeenAt} />],
  ]
  return (
    <Card title="Person">
      <ValueList rows={rows} />
      <h3 className="lead-part">Metadata</h3>
      {metadata.length === 0 ? <p className="soft">None.</p> : <ValueList rows={metadata} />}
    </Card>
  )
}

function textOrDash(text: string | null): ReactNode {
  return text === null ? <span className="soft">–</span> : <Untrusted text={text} />
}
