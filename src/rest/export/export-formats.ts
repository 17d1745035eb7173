import { stringify } from 'csv-stringify/sync'

type Contact = Readonly<Record<string, unknown>>

/** Writes contacts as a text that is sent in parts. */
export interface ExportFormat {
  readonly type: string
  readonly extension: string
  readonly start: string
  readonly end: string
  /** Returns the text of a page; `isFirst` for the first page with contacts. */
  write(contacts: readonly Contact[], isFirst: boolean): string
}

/** Columns of the CSV file, in order. Objects are cells of JSON. */
const columns = [
  ...['id', 'email', 'first_name', 'last_name', 'stage', 'source', 'metadata', 'first_touch', 'last_touch'],
  ...['submission_count', 'created_at', 'updated_at', 'last_seen_at'],
]

/** Writes a row of RFC 4180. A cell that a spreadsheet would run as a formula begins with an apostrophe. */
function csvOf(rows: readonly (readonly unknown[])[]): string {
  return stringify([...rows], { escape_formulas: true, record_delimiter: 'windows' })
}

function cellOf(value: unknown): unknown {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

export const exportFormats = {
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    extension: 'csv',
    start: csvOf([columns]),
    end: '',
    write: (contacts) => csvOf(contacts.map((contact) => columns.map((name) => cellOf(contact[name])))),
  },
  json: {
    type: 'application/json; charset=utf-8',
    extension: 'json',
    start: '{"data":[',
    end: ']}\n',
    write: (contacts, isFirst) =>
      `${isFirst ? '\n' : ',\n'}${contacts.map((contact) => JSON.stringify(contact)).join(',\n')}`,
  },
  ndjson: {
    type: 'application/x-ndjson; charset=utf-8',
    extension: 'ndjson',
    start: '',
    end: '',
    write: (contacts) => contacts.map((contact) => `${JSON.stringify(contact)}\n`).join(''),
  },
} as const satisfies Record<string, ExportFormat>
