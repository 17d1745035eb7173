import { normaliseEmail } from '../../platform/text/email.ts'
import { slugOf } from '../../platform/text/slug.ts'
import { labelOf } from '../../sources/read/label.ts'

/** Fields of a contact that a column may hold; other columns hold `metadata.<key>`, or are ignored. */
export const personFields = ['email', 'first_name', 'last_name', 'full_name', 'source', 'stage'] as const
type PersonField = (typeof personFields)[number]

export type ColumnField = PersonField | `metadata.${string}` | 'ignore'

/** Column of a file, and the field that its values are imported to. */
export interface ImportColumn {
  readonly name: string
  readonly field: ColumnField
}

/** Columns that Rex writes itself, and that a capture ignores too. */
const ownColumns = new Set(['id', 'created_at', 'updated_at', 'last_seen_at'])
const sourceNames = new Set(['source', 'lead source', 'lead_source', 'leadsource'])

/**
 * Chooses the field of each column by its name, with the aliases of sources; each field of a person is taken once, by
 * the first column. Without a column that is named like an e-mail, the one whose values are e-mails is taken.
 */
export function chooseFields(names: readonly string[], rows: readonly (readonly string[])[]): ImportColumn[] {
  const taken = new Set<ColumnField>()
  const columns = names.map((name): ImportColumn => {
    const wanted = fieldOf(name)
    const field = taken.has(wanted) ? metadataOf(name) : wanted
    if (field !== 'ignore') taken.add(field)
    return { name, field }
  })
  if (taken.has('email')) return columns
  const email = names.findIndex((_, index) => holdsEmails(rows, index))
  return columns.map((column, index) => (index === email ? { ...column, field: 'email' } : column))
}

function fieldOf(name: string): ColumnField {
  const plain = name.trim().toLowerCase()
  if (plain === '' || ownColumns.has(plain)) return 'ignore'
  if (plain === 'stage') return 'stage'
  if (sourceNames.has(plain)) return 'source'
  if (plain.startsWith('metadata.')) return metadataOf(name.trim().slice('metadata.'.length))
  const { field, tracking } = labelOf(name)
  if (tracking !== undefined) return `metadata.${tracking}`
  if (field === 'phone' || field === 'company') return `metadata.${field}`
  return field ?? metadataOf(name)
}

function metadataOf(name: string): ColumnField {
  const key = slugOf(name)
  return key === undefined ? 'ignore' : `metadata.${key}`
}

function holdsEmails(rows: readonly (readonly string[])[], index: number): boolean {
  const values = rows.map((row) => row[index] ?? '').filter((value) => value.trim() !== '')
  return values.length > 0 && values.every((value) => normaliseEmail(value) !== undefined)
}
