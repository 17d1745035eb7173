import { stringify } from 'csv-stringify/sync'

export type ExportFormat = 'csv' | 'json' | 'jsonl'
export const exportFormats: readonly ExportFormat[] = ['csv', 'json', 'jsonl']

/** Contact as the API returns it. */
export interface ExportedContact {
  readonly id: string
  readonly email: string
  readonly firstName: string | null
  readonly lastName: string | null
  readonly stage: string
  readonly source: string | null
  readonly metadata: unknown
  readonly createdAt: string
  readonly updatedAt: string
  readonly lastSeenAt: string
}

/** Contact as a file has it: with the names of REST and webhooks. */
type Row = Readonly<Record<string, unknown>>
type Write = (text: string) => Promise<void>

const defaultColumns = [
  'id',
  'email',
  'first_name',
  'last_name',
  'stage',
  'source',
  'created_at',
  'updated_at',
  'last_seen_at',
  'metadata',
]

/** Writes contacts page by page and returns their number. */
export async function writeContacts(
  pages: AsyncIterable<readonly ExportedContact[]>,
  { format, columns = defaultColumns }: { format: ExportFormat; columns?: readonly string[] | undefined },
  write: Write,
): Promise<number> {
  const { head, page, tail } = writers[format](columns)
  let total = 0
  await write(head)
  for await (const contacts of pages) {
    await write(page(contacts.map(rowOf), total === 0))
    total += contacts.length
  }
  await write(tail(total))
  return total
}

interface Writer {
  readonly head: string
  page(rows: readonly Row[], isFirst: boolean): string
  tail(total: number): string
}

const writers: Readonly<Record<ExportFormat, (columns: readonly string[]) => Writer>> = {
  csv: (columns) => ({
    head: csv([columns]),
    page: (rows) => csv(rows.map((row) => columns.map((column) => cellOf(row, column)))),
    tail: () => '',
  }),
  json: () => ({
    head: '[',
    page: (rows, isFirst) =>
      rows.map((row, index) => `${isFirst && index === 0 ? '' : ','}\n${JSON.stringify(row)}`).join(''),
    tail: (total) => (total === 0 ? ']\n' : '\n]\n'),
  }),
  jsonl: () => ({
    head: '',
    page: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    tail: () => '',
  }),
}

/** Spreadsheets execute a cell that begins like a formula: a quote in front makes it a text. */
function csv(lines: readonly (readonly string[])[]): string {
  return stringify(
    lines.map((line) => [...line]),
    { escape_formulas: true },
  )
}

function cellOf(row: Row, column: string): string {
  const value = column.startsWith('metadata.') ? metadataOf(row)[column.slice('metadata.'.length)] : row[column]
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function metadataOf({ metadata }: Row): Row {
  return typeof metadata === 'object' && metadata !== null ? { ...metadata } : {}
}

function rowOf(contact: ExportedContact): Row {
  return {
    id: contact.id,
    email: contact.email,
    first_name: contact.firstName,
    last_name: contact.lastName,
    stage: contact.stage,
    source: contact.source,
    created_at: contact.createdAt,
    updated_at: contact.updatedAt,
    last_seen_at: contact.lastSeenAt,
    metadata: contact.metadata,
  }
}
