const whole = new Intl.NumberFormat()
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 })
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 })
const change = new Intl.NumberFormat(undefined, {
  style: 'percent',
  maximumFractionDigits: 0,
  signDisplay: 'exceptZero',
})

/** Returns a number by the viewer's locale, short from ten thousand on. */
export function countText(count: number): string {
  return count < 10_000 ? whole.format(count) : compact.format(count)
}

export function percentText(share: number): string {
  return percent.format(share)
}

/** Returns the change against an earlier count: "+12 %"; undefined if there was nothing before. */
export function changeText(now: number, before: number): string | undefined {
  return before === 0 ? undefined : change.format((now - before) / before)
}

/** Returns a duration: "85 ms", "1.2 s". */
export function durationText(ms: number): string {
  return ms < 1000 ? `${whole.format(Math.round(ms))} ms` : `${compact.format(ms / 1000)} s`
}
