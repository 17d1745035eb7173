import { appendFileSync, readFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'

/** Prints where and when a benchmark runs, and the load that the machine had before it. */
export function printEnvironment(database: string, settings: string): void {
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}, ` +
      `${database}; load before ${loadavg()[0]?.toFixed(1)}; ${settings}\n`,
  )
}

export function printRow(cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(' | ')} |`)
}

/** Prints the head of a Markdown table; the columns after the first are numbers. */
export function printHead(columns: readonly string[]): void {
  printRow(columns)
  printRow(columns.map((_, nth) => (nth === 0 ? '---' : '--:')))
}

/** A figure of one benchmark for the table of `npm run bench`. */
export interface Result {
  readonly work: string
  /** What `value` is, such as `÷ stock`. */
  readonly figure: string
  readonly value: number
  /** The bound that the project has set itself. */
  readonly wanted: { readonly atLeast: number } | { readonly atMost: number }
}

/** Adds a figure to the table of `npm run bench`, which names the file; a benchmark that is run alone adds nothing. */
export function recordResult(result: Result): void {
  // A contestant whose package is not installed has no rate.
  if (!Number.isFinite(result.value)) return
  const file = process.env['BENCH_RESULTS']
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(result)}\n`)
}

export function readResults(file: string): Result[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(parseResult)
}

function parseResult(line: string): Result {
  return JSON.parse(line)
}
