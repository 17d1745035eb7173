import { z } from 'zod'
import type { Operation } from '../docs/openapi-operation.ts'
import { exportQuery } from './export-query.ts'

/** The export of contacts, as it is documented. */
export const exportOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/contacts/export',
    summary: 'Export contacts',
    description:
      'All contacts that match, newest first, as CSV (RFC 4180), as JSON or as a line of JSON each. In CSV a cell that a spreadsheet would run as a formula begins with an apostrophe. E-mails are masked without the scope PII_READ. A response that is cut off is not complete.',
    scope: 'CONTACTS_READ',
    parameters: [
      { name: 'format', in: 'query', description: 'Form of the response.', schema: exportQuery.shape.format },
      {
        name: 'filter',
        in: 'query',
        description: 'A ContactFilter of the GraphQL schema, as JSON.',
        schema: exportQuery.shape.filter,
      },
      {
        name: 'search',
        in: 'query',
        description: 'Words of the e-mail or the names.',
        schema: exportQuery.shape.search,
      },
    ],
    success: { status: 200, description: 'The contacts.', schema: z.string(), type: 'text/csv' },
    failures: [400, 401, 403, 404, 422, 429, 503],
  },
]
