const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' })

const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

/** Returns a time in the viewer's zone and locale, with the zone. */
export function exactTime(at: string): string {
  return exact.format(new Date(at))
}

/** Returns the distance of a time from now in words: "2 min. ago". */
export function relativeTime(at: string, now: number): string {
  const distanceMs = new Date(at).getTime() - now
  const unit = units.find(([, ms]) => Math.abs(distanceMs) >= ms)
  if (unit === undefined) return 'just now'
  return relative.format(Math.trunc(distanceMs / unit[1]), unit[0])
}
