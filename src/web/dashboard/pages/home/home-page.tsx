import { useSearchParams } from 'wouter'
import { useMay } from '../../connection/signed-in.tsx'
import { Choice } from '../../parts/controls/choice.tsx'
import { Failure } from '../../parts/surface/empty-state.tsx'
import { PageHeader } from '../../parts/surface/page-header.tsx'
import type { PageProps } from '../../routing/page-props.ts'
import { Attention } from './attention.tsx'
import { LeadChart } from './lead-chart.tsx'
import { LiveFeed } from './live-feed.tsx'
import { NumbersPlace } from './numbers-place.tsx'
import { parseRange, type Range, ranges } from './ranges.ts'
import { TopLists } from './top-lists.tsx'
import { Totals } from './totals.tsx'
import { type HomeStats, useAttention, useHomeStats } from './use-home-stats.ts'
import './home-page.css'

/** Numbers of a time range, what waits for a person, and leads as they come. */
export function HomePage({ openTestLead }: PageProps) {
  const [parameters, setParameters] = useSearchParams()
  const range = parseRange(parameters.get('range'))
  const mayRead = useMay('CONTACTS_READ')
  return (
    <>
      <PageHeader
        title="Home"
        actions={
          <Choice<Range>
            label="Time range"
            options={ranges}
            value={range}
            onChange={(value) => setParameters({ range: value }, { replace: true })}
          />
        }
      />
      <div className="home">
        <div className="home-main">
          <Numbers range={range} openTestLead={openTestLead} />
        </div>
        {mayRead && <LiveFeed openTestLead={openTestLead} />}
      </div>
    </>
  )
}

function Numbers({ range, openTestLead }: { readonly range: Range } & PageProps) {
  const { data, problem, reload } = useHomeStats(range)
  const { attention, isRead } = useAttention()
  // What needs a person is above the numbers: shown before them or after them, it would move them.
  if (!isRead || !(data || problem)) return <NumbersPlace />
  return (
    <>
      <Attention attention={attention} />
      {data ? (
        <Shown stats={data} openTestLead={openTestLead} />
      ) : (
        <Failure message={problem?.message ?? ''} onRetry={reload} />
      )}
    </>
  )
}

function Shown({ stats, openTestLead }: { readonly stats: HomeStats } & PageProps) {
  return (
    <>
      <Totals stats={stats} />
      {stats.captures && <LeadChart captures={stats.captures} openTestLead={openTestLead} />}
      <TopLists stats={stats} />
    </>
  )
}
