import { z } from 'zod'
import { type ColumnField, personFields } from '../../capture/import/import-columns.ts'
import { isStoredKey } from '../../contacts/metadata-keys.ts'

const maxColumns = 200
const maxRows = 500
const maxNameLength = 500

const columnField = z.custom<ColumnField>(isColumnField, {
  error: `one of ${personFields.join(', ')}, metadata.<key> or ignore is expected`,
})

function isColumnField(value: unknown): value is ColumnField {
  if (typeof value !== 'string') return false
  if (value === 'ignore' || personFields.some((field) => field === value)) return true
  return value.startsWith('metadata.') && isStoredKey(value.slice('metadata.'.length))
}

const fieldName = z
  .string()
  .regex(/^(?:email|first_name|last_name|full_name|source|stage|ignore|metadata\..+)$/)
  .meta({ description: 'A field of the contact, `metadata.<key>` or `ignore`.' })

const column = z.object({ name: z.string().max(maxNameLength), field: fieldName.pipe(columnField) })

/** Body of `POST /contacts/import`. */
export const importBody = z.object({
  import: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, '1 to 200 printable characters are expected')
    .meta({ description: 'Name of the import, such as a hash of the file.' }),
  batch: z.int().min(0).max(100_000_000).meta({ description: 'Number of this batch in the import.' }),
  columns: z
    .array(column)
    .min(1)
    .max(maxColumns)
    .refine(
      (columns) => columns.filter(({ field }) => field === 'email').length === 1,
      'one column is expected to be email',
    ),
  source: z.string().max(200).optional().meta({ description: 'Source of rows without one.' }),
  silent: z.boolean().default(false).meta({ description: 'Whether webhooks are not notified.' }),
  rows: z
    .array(z.object({ row: z.int().min(0), values: z.array(z.string()).max(maxColumns) }))
    .min(1)
    .max(maxRows),
})

/** Body of `POST /contacts/import/preview`. */
export const previewBody = z.object({
  columns: z.array(z.string().max(maxNameLength)).min(1).max(maxColumns),
  rows: z
    .array(z.array(z.string()).max(maxColumns))
    .max(20)
    .default([])
    .meta({ description: 'The first rows of the file.' }),
})
