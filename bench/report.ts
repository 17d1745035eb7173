import type { Measured } from './load.ts'

/** Names of the compared servers. */
export type Compared = 'bare' | 'rex' | 'unbatched'

const titles: Readonly<Record<Compared, string>> = {
  bare: 'bare JSON server',
  rex: 'Rex',
  unbatched: 'the same writes, a transaction per request',
}
const names: readonly Compared[] = ['bare', 'rex', 'unbatched']

/** Prints a Markdown table of the rates; the last two columns are ratios of requests/s. */
export function printRates(
  callerCounts: readonly number[],
  measuredOf: (name: Compared, callers: number) => Measured,
): void {
  printRow(['server', 'callers', 'requests/s', 'p50 ms', 'p95 ms', '÷ bare', '÷ unbatched'])
  printRow(['---', '--:', '--:', '--:', '--:', '--:', '--:'])
  for (const callers of callerCounts)
    for (const name of names) {
      const { perSecond, p50Ms, p95Ms } = measuredOf(name, callers)
      const toBare = perSecond / measuredOf('bare', callers).perSecond
      const toUnbatched = perSecond / measuredOf('unbatched', callers).perSecond
      const times = [p50Ms, p95Ms].map((ms) => ms.toFixed(2))
      printRow([titles[name], callers, perSecond.toFixed(0), ...times, toBare.toFixed(2), toUnbatched.toFixed(2)])
    }
}

export function printMemory(
  idle: ReadonlyMap<Compared, number | undefined>,
  loaded: ReadonlyMap<Compared, number | undefined>,
): void {
  console.log()
  printRow(['server', 'RSS idle, MB', 'RSS after load, MB'])
  printRow(['---', '--:', '--:'])
  for (const name of names) printRow([titles[name], megabytes(idle.get(name)), megabytes(loaded.get(name))])
}

function megabytes(amount: number | undefined): string {
  return amount?.toFixed(0) ?? 'unknown'
}

export function printRow(cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(' | ')} |`)
}
