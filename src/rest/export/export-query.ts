import { z } from 'zod'
import { invalidRequest } from '../../platform/errors.ts'
import { parseJson } from '../../platform/text/json.ts'
import { validateFields } from '../validate.ts'

const maxFilterLength = 8192
const maxSearchLength = 200

/** Parameters of an export. `filter` is the JSON of a ContactFilter of the GraphQL schema. */
export const exportQuery = z.object({
  format: z.enum(['csv', 'json', 'ndjson'], 'csv, json or ndjson is expected').default('csv'),
  filter: z.string('one filter is expected').max(maxFilterLength).optional(),
  search: z.string('one text is expected').max(maxSearchLength).optional(),
})

interface ExportQuery {
  readonly format: z.output<typeof exportQuery>['format']
  readonly filter: unknown
  readonly search: string | null
}

/** @throws AppError `invalid_request` */
export function readExportQuery(search: unknown): ExportQuery {
  const { format, filter, search: words = null } = validateFields(exportQuery, search)
  return { format, filter: filter === undefined ? null : readFilter(filter), search: words }
}

function readFilter(text: string): unknown {
  try {
    return parseJson(Buffer.from(text))
  } catch {
    throw invalidRequest([{ path: 'filter', message: 'JSON is expected' }])
  }
}
