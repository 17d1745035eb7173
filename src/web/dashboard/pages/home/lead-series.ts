import type { ChartProps } from '../../parts/data/chart-props.ts'
import type { HomeStats } from './use-home-stats.ts'

type Captures = NonNullable<HomeStats['captures']>
type Source = Pick<Captures['sources'][number], 'key' | 'isOther'>

/** Sources with a series of their own; a chart with more is not read. */
const maxSeries = 5

/** Returns the new leads of each interval by source: the five with the most, and all others as one. */
export function seriesOf({ sources, buckets }: Captures): ChartProps['series'] {
  const named = sources
    .filter(({ isOther, totals }) => !isOther && totals.created > 0)
    .toSorted((one, other) => other.totals.created - one.totals.created)
    .slice(0, maxSeries)
  const series = named.map((source) => ({
    name: sourceName(source),
    values: buckets.map(({ bySource }) => bySource.find((each) => isSame(each, source))?.totals.created ?? 0),
  }))
  const others = buckets.map(
    ({ totals }, nth) => totals.created - series.reduce((sum, { values }) => sum + (values[nth] ?? 0), 0),
  )
  return others.some((count) => count > 0) ? [...series, { name: 'Others', values: others }] : series
}

export function sourceName({ key, isOther }: Source): string {
  return isOther ? 'Others' : (key ?? 'Without a source')
}

function isSame(one: Source, other: Source): boolean {
  return one.key === other.key && one.isOther === other.isOther
}
