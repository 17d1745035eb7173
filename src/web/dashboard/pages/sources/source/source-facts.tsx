import type { SourceDetailsFragment } from '../../../../../generated/graphql/graphql.ts'
import { Stat } from '../../../parts/data/stat.tsx'
import { Badge } from '../../../parts/surface/badge.tsx'
import { Card } from '../../../parts/surface/card.tsx'
import { countText } from '../../../parts/values/numbers.ts'
import { RelativeTime } from '../../../parts/values/relative-time.tsx'
import { toolOf, useSourceTools } from '../source-tools.ts'
import './source-facts.css'

/** Tool and state of a source, and what became of the requests of 24 hours. */
export function SourceFacts({ source }: { readonly source: SourceDetailsFragment }) {
  const { kind, enabled, verified, lastReceivedAt, stats24h } = source
  const counts = [
    ['Accepted', stats24h.accepted],
    ['Held', stats24h.held],
    ['Ignored', stats24h.ignored],
    ['Refused', stats24h.refused],
  ] as const
  return (
    <Card>
      <p className="source-facts">
        <strong>{toolOf(useSourceTools(), kind).title}</strong>
        <Badge tone={enabled ? 'good' : 'warn'}>{enabled ? 'enabled' : 'disabled'}</Badge>
        <span className="soft">{verified ? 'verified with the secret' : 'unverified: no secret is set'}</span>
        <span className="soft">last received: {lastReceivedAt ? <RelativeTime at={lastReceivedAt} /> : 'never'}</span>
      </p>
      <dl className="source-counts">
        {counts.map(([name, count]) => (
          <Stat key={name} name={name} value={countText(count)} note="in 24 hours" />
        ))}
      </dl>
    </Card>
  )
}
