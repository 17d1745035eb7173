import type { SourceSummaryFragment } from '../../generated/graphql/graphql.ts'

/** Returns what became of the requests of the last 24 hours. */
export function statsSummary({ stats24h }: SourceSummaryFragment): string {
  const { accepted, held, ignored, refused } = stats24h
  return `${accepted} accepted, ${held} held, ${ignored} ignored, ${refused} refused`
}
