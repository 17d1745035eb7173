import cliTruncate from 'cli-truncate'
import stringWidth from 'string-width'
import type { Output } from './output.ts'
import { printable } from './printable.ts'

/** Column of a table: its title, and its text for a row. */
export interface Column<Row> {
  readonly title: string
  text(row: Row): string
}

const gap = '  '
const narrowest = 6

/** Returns a table that fits the terminal: the widest columns are cut first. Without a terminal nothing is cut. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], output: Output): string {
  const titles = columns.map(({ title }) => title)
  const cells = rows.map((row) => columns.map(({ text }) => printable(text(row))))
  const widths = fitWidths(naturalWidths([titles, ...cells]), output.columns)
  const [head = '', ...lines] = [titles, ...cells].map((line) => lineOf(line, widths))
  return [output.colors.bold(head), ...lines].join('\n')
}

/** Returns the facts of one thing, a line each; long values are not cut. */
export function facts(pairs: readonly (readonly [title: string, value: string])[], { colors }: Output): string {
  const width = Math.max(...pairs.map(([title]) => title.length))
  return pairs.map(([title, value]) => `${colors.dim(title.padEnd(width))}${gap}${printable(value)}`).join('\n')
}

function naturalWidths(lines: readonly (readonly string[])[]): number[] {
  const [first = []] = lines
  return first.map((_, index) => lines.reduce((widest, line) => Math.max(widest, stringWidth(line[index] ?? '')), 0))
}

/** Takes columns from the widest until the table fits; below the narrowest width of all columns lines may wrap. */
function fitWidths(natural: readonly number[], columns: number | undefined): number[] {
  const widths = [...natural]
  if (columns === undefined) return widths
  const space = columns - gap.length * (widths.length - 1)
  for (let excess = sum(widths) - space; excess > 0; excess = sum(widths) - space) {
    const widest = widths.indexOf(Math.max(...widths))
    const width = widths[widest] ?? 0
    if (width <= narrowest) break
    const second = Math.max(narrowest, ...widths.filter((_, index) => index !== widest))
    widths[widest] = Math.max(narrowest, Math.min(second, width - 1), width - excess)
  }
  return widths
}

function lineOf(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, index) => {
    const width = widths[index] ?? 0
    const shown = stringWidth(cell) > width ? cliTruncate(cell, width) : cell
    return shown + ' '.repeat(Math.max(0, width - stringWidth(shown)))
  })
  return padded.join(gap).trimEnd()
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
