import { InvalidArgumentError, Option } from 'commander'

/** Returns a parser of whole numbers in a range, bounds included. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw new InvalidArgumentError(`A whole number from ${least} to ${most} is expected.`)
  }
}

/** Returns the option `--limit` of a list. */
export function limitOption(): Option {
  return new Option('--limit <number>', 'most rows to print').argParser(wholeNumber(1, 1_000_000)).default(20)
}

/** Adds one `key=value` to those given before; an empty value is kept. */
export function collectPair(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const separator = text.indexOf('=')
  if (separator < 1) throw new InvalidArgumentError('key=value is expected.')
  return { ...before, [text.slice(0, separator)]: text.slice(separator + 1) }
}

/** Adds the parts of a list with commas to those given before. */
export function collectList(text: string, before: readonly string[] = []): string[] {
  const items = text.split(',').map((item) => item.trim())
  return [...before, ...items.filter((item) => item !== '')]
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Parses a time: how long ago (`90s`, `30m`, `2h`, `7d`, `1w`) or a date such as `2026-03-16T12:00:00Z`. */
export function moment(text: string): Date {
  const [, number, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? []
  if (number !== undefined && unit !== undefined) return new Date(Date.now() - Number(number) * (unitMs[unit] ?? 0))
  const time = new Date(/^\d{4}-\d\d-\d\d/.test(text) ? text : Number.NaN)
  if (Number.isNaN(time.getTime()))
    throw new InvalidArgumentError(
      'A duration such as 30m, 2h or 7d, or a date such as 2026-03-16T12:00:00Z is expected.',
    )
  return time
}
