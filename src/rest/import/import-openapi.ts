import { z } from 'zod'
import { importAnswer } from '../../capture/import/import-answer.ts'
import { data, type Operation } from '../docs/openapi-operation.ts'
import { importBody, previewBody } from './import-body.ts'

const columns = z.array(z.object({ name: z.string(), field: z.string() }))
const failures = [400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503]

/** Calls of imports, as they are documented. */
export const importOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/contacts/import',
    summary: 'Import a batch of contacts',
    description:
      'Writes up to 500 rows like captures, in one transaction. A batch that is sent again within a day gets the first ' +
      'answer and writes nothing. Each row costs a point of the rate limit of the key.',
    scope: 'CONTACTS_WRITE',
    body: {
      types: ['application/json'],
      schema: importBody,
      example: {
        import: 'leads-2026-11',
        batch: 0,
        columns: [
          { name: 'E-Mail', field: 'email' },
          { name: 'Team size', field: 'metadata.team_size' },
        ],
        rows: [{ row: 2, values: ['jane@example.com', '12'] }],
      },
    },
    success: {
      status: 200,
      description: 'The outcome of each row, and the reasons of those that were refused.',
      schema: data(importAnswer.extend({ repeated: z.boolean() })),
    },
    failures,
  },
  {
    method: 'post',
    path: '/contacts/import/preview',
    summary: 'Choose the fields of columns by their names',
    scope: 'CONTACTS_WRITE',
    body: {
      types: ['application/json'],
      schema: previewBody,
      example: { columns: ['E-Mail', 'Vorname'], rows: [['jane@example.com', 'Jane']] },
    },
    success: { status: 200, description: 'The columns with their fields.', schema: data(z.object({ columns })) },
    failures,
  },
]
