import { useMemo } from 'react'
import { Button } from '../../parts/controls/button.tsx'
import { Chart } from '../../parts/data/chart.tsx'
import { Card } from '../../parts/surface/card.tsx'
import { EmptyState } from '../../parts/surface/empty-state.tsx'
import type { PageProps } from '../../routing/page-props.ts'
import { seriesOf } from './lead-series.ts'
import type { HomeStats } from './use-home-stats.ts'

interface LeadChartProps extends PageProps {
  readonly captures: NonNullable<HomeStats['captures']>
}

/** New leads over time by source. */
export function LeadChart({ captures, openTestLead }: LeadChartProps) {
  const times = useMemo(() => captures.buckets.map(({ start }) => Date.parse(start)), [captures])
  const series = useMemo(() => seriesOf(captures), [captures])
  return (
    <Card title="New leads by source">
      {captures.totals.created === 0 ? (
        <EmptyState
          title="No new leads in this time."
          action={
            <Button look="primary" onClick={openTestLead}>
              Send a test lead
            </Button>
          }
        >
          They appear here as soon as the first one is captured.
        </EmptyState>
      ) : (
        <Chart label={`${captures.totals.created} new leads by source over time`} times={times} series={series} />
      )}
    </Card>
  )
}
