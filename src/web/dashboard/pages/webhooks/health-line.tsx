import type { EndpointFragment } from '../../../../generated/graphql/graphql.ts'
import { Sparkline } from '../../parts/data/sparkline.tsx'
import { countText } from '../../parts/values/numbers.ts'
import { rateText } from './words.ts'

/** Share of accepted attempts of the last 24 hours, with the course of all attempts and of the failed ones. */
export function HealthLine({ endpoint }: { readonly endpoint: EndpointFragment }) {
  const { attemptsByHour24h: hours } = endpoint
  const attempts = hours.map((hour) => hour.attempts)
  const failed = hours.map((hour) => hour.failed)
  if (attempts.every((count) => count === 0)) return rateText(endpoint)
  const label = `Attempts in 24 hours: ${countText(sumOf(attempts))}, failed: ${countText(sumOf(failed))}`
  return (
    <span className="health-line">
      {rateText(endpoint)}
      <Sparkline values={attempts} bad={failed} label={label} />
    </span>
  )
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
