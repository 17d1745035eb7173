export type Range = 'today' | '24h' | '7d' | '30d'

export const ranges: readonly { readonly value: Range; readonly name: string }[] = [
  { value: 'today', name: 'Today' },
  { value: '24h', name: '24 h' },
  { value: '7d', name: '7 days' },
  { value: '30d', name: '30 days' },
]

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const minuteMs = 60_000

interface Span {
  readonly from: string
  readonly to: string
  readonly buckets: number
}

/** Returns the time range until now, by whole minutes, and the number of intervals that a chart of it has. */
export function spanOf(range: Range, now: number): Span {
  const to = Math.ceil((now + 1) / minuteMs) * minuteMs
  if (range === 'today') return spanBetween(new Date(now).setHours(0, 0, 0, 0), to, hourMs)
  const days = { '24h': 1, '7d': 7, '30d': 30 }[range]
  return spanBetween(to - days * dayMs, to, { '24h': hourMs, '7d': 6 * hourMs, '30d': dayMs }[range])
}

function spanBetween(from: number, to: number, widthMs: number): Span {
  const buckets = Math.max(2, Math.round((to - from) / widthMs))
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), buckets }
}

export function parseRange(text: string | null): Range {
  return ranges.find(({ value }) => value === text)?.value ?? '24h'
}
