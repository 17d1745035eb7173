import { createReadStream } from 'node:fs'
import { type CsvError, type Info, parse } from 'csv-parse'
import { CliError } from '../../frame/cli-error.ts'
import type { CsvDialect } from './csv-dialect.ts'
import type { CsvFile } from './csv-file.ts'

/** Row of a file, at the line where it begins; `problem` is set when its quotes are wrong. */
export interface CsvRow {
  readonly line: number
  readonly values: readonly string[]
  readonly problem?: string
  /** Position after the row. */
  readonly end: number
}

/** Place in a file: bytes and lines before it. */
interface Place {
  readonly at: number
  readonly lines: number
}

/** A field of some megabytes is still read, to be refused alone; a quote that is never closed ends here. */
const maxRecordBytes = 32 * 1024 * 1024
/** Files with more wrong rows are no CSV, or have another separator. */
const maxWrongRows = 10_000
const shownBytes = 2000

/** Parsed record with its place, as csv-parse gives it with the option `info`. */
interface Parsed {
  readonly record: readonly string[]
  readonly info: Info
}

/**
 * Yields the rows of a file, blank lines left out. A row with wrong quotes is one line, and reading goes on with the next
 * line: an opened quote does not take the rest of the file with it.
 */
export async function* readRows(file: CsvFile, dialect: CsvDialect): AsyncGenerator<CsvRow> {
  let place: Place = { at: file.start, lines: 0 }
  for (let wrong = 0; ; wrong++) {
    const failure: Failure = { error: undefined }
    for await (const { row, after } of rowsFrom(file, dialect, { place, failure })) {
      place = after
      if (row.values.some((value) => value.trim() !== '')) yield row
    }
    if (failure.error === undefined) return
    if (wrong === maxWrongRows)
      throw new CliError(`More than ${maxWrongRows} rows have wrong quotes.`, { hint: 'Is the separator right?' })
    const { row, after } = await wrongLine(file, place, failure.error)
    place = after
    yield row
  }
}

/** First error of a parser. */
interface Failure {
  error: CsvError | undefined
}

/** Yields the rows before the first wrong one. The parser goes on behind it, but at another place than the next line. */
async function* rowsFrom(
  file: CsvFile,
  { delimiter, lineEnds }: CsvDialect,
  { place, failure }: { readonly place: Place; readonly failure: Failure },
): AsyncGenerator<{ row: CsvRow; after: Place }> {
  const source = createReadStream(file.path, { start: place.at })
  let [parsed, read, good] = [0, 0, Number.POSITIVE_INFINITY]
  let twice = 0
  const [lineBreak = '\n'] = lineEnds.toReversed()
  const parser = parse({
    delimiter,
    record_delimiter: [...lineEnds],
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: maxRecordBytes,
    on_record: (record) => {
      parsed += 1
      return record
    },
  })
  parser.on('skip', (error: CsvError) => {
    failure.error ??= error
    good = Math.min(good, parsed)
  })
  source.on('error', (error) => parser.destroy(error)).pipe(parser)
  try {
    for await (const each of parser) {
      if (read === good) return
      read += 1
      const { record, info } = parsedOf(each)
      // The parser counts a CRLF within quotes as two lines.
      twice += countIn(record, '\r\n')
      const after = { at: place.at + info.bytes, lines: place.lines + info.lines - twice }
      yield { row: { line: after.lines - countIn(record, lineBreak), values: record, end: after.at }, after }
      if (read === good) return
    }
  } finally {
    source.destroy()
    parser.destroy()
  }
}

/** Names the type of what the parser yields. */
function parsedOf(parsed: unknown): Parsed {
  return parsed as Parsed
}

function countIn(record: readonly string[], text: string): number {
  let count = 0
  for (const value of record) for (let at = value.indexOf(text); at >= 0; at = value.indexOf(text, at + 1)) count += 1
  return count
}

/** Reads the line at a place as a wrong row; blank lines before it are left out. */
async function wrongLine(file: CsvFile, { at, lines }: Place, error: CsvError): Promise<{ row: CsvRow; after: Place }> {
  let after: Place = { at, lines }
  let text = ''
  for await (const line of linesFrom(file.path, at)) {
    after = { at: after.at + line.bytes, lines: after.lines + 1 }
    text = line.text.trim()
    if (text !== '') break
  }
  const row = { line: after.lines, values: [text], problem: problemOf(error), end: after.at }
  return { row, after }
}

/** Yields lines with their lengths in bytes, and the first part of their texts. */
async function* linesFrom(path: string, start: number): AsyncGenerator<{ text: string; bytes: number }> {
  let [kept, bytes]: [Buffer[], number] = [[], 0]
  const take = () => {
    const line = { text: Buffer.concat(kept).subarray(0, shownBytes).toString(), bytes }
    kept = []
    bytes = 0
    return line
  }
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { start })
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; ) {
      const found = chunk.indexOf('\n', from)
      const end = found < 0 ? chunk.length : found + 1
      if (bytes < shownBytes) kept.push(chunk.subarray(from, end))
      bytes += end - from
      from = end
      if (found >= 0) yield take()
    }
  }
  if (bytes > 0) yield take()
}

function problemOf({ code }: CsvError): string {
  if (code === 'INVALID_OPENING_QUOTE') return 'a quote is within a field that does not begin with one'
  if (code === 'CSV_INVALID_CLOSING_QUOTE') return 'a text follows a closing quote'
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote is not closed'
  if (code === 'CSV_MAX_RECORD_SIZE') return 'a quote is not closed within 32 MB'
  return 'the row is no CSV'
}
