import { Card } from '../../parts/surface/card.tsx'
import { countText } from '../../parts/values/numbers.ts'
import { Untrusted } from '../../parts/values/untrusted.tsx'
import { sourceName } from './lead-series.ts'
import type { HomeStats } from './use-home-stats.ts'
import './top-lists.css'

interface Row {
  readonly name: string
  readonly count: number
}

/** Origins with the most new leads. */
export function TopLists({ stats }: { readonly stats: HomeStats }) {
  const { captures, topCampaigns, topLandingPages } = stats
  const sources = captures?.sources.map((source) => ({ name: sourceName(source), count: source.totals.created }))
  return (
    <div className="top-lists">
      {sources && <TopList title="Top sources" rows={sources} empty="No leads yet." />}
      {topCampaigns && (
        <TopList title="Top campaigns" rows={topCampaigns.map(toRow)} empty="No lead had a utm_campaign." />
      )}
      {topLandingPages && (
        <TopList title="Top landing pages" rows={topLandingPages.map(toRow)} empty="No lead had a landing page." />
      )}
    </div>
  )
}

function toRow({ key, leads }: { readonly key: string; readonly leads: number }): Row {
  return { name: key, count: leads }
}

const shown = 6

interface TopListProps {
  readonly title: string
  readonly rows: readonly Row[]
  readonly empty: string
}

function TopList({ title, rows, empty }: TopListProps) {
  const top = rows
    .filter(({ count }) => count > 0)
    .toSorted((one, other) => other.count - one.count)
    .slice(0, shown)
  const [first] = top
  return (
    <Card title={title}>
      {first === undefined && <p className="soft">{empty}</p>}
      <ol className="top-list">
        {top.map(({ name, count }) => (
          <li key={name}>
            <span className="top-bar-fill" style={{ width: `${(count / (first?.count ?? 1)) * 100}%` }} />
            <span className="top-name" title={name}>
              <Untrusted text={name} />
            </span>
            <span className="numbers">{countText(count)}</span>
          </li>
        ))}
      </ol>
    </Card>
  )
}
