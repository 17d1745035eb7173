import type { GraphQLSchema } from 'graphql'
import { builder } from './builder.ts'
import { refuseUnreadableResults } from './readable-results.ts'
import './scalars.ts'
import './types/api-key.ts'
import './types/audit-entry.ts'
import './types/capture-stats.ts'
import './types/capture-storage.ts'
import './types/contact.ts'
import './types/contact-edit.ts'
import './types/contact-event.ts'
import './types/contact-privacy.ts'
import './types/delivery.ts'
import './types/event.ts'
import './types/node.ts'
import './types/replay.ts'
import './types/submission.ts'
import './types/user-error.ts'
import './types/webhook-endpoint.ts'
import './types/workspace.ts'
import './types/workspace-end.ts'

/** The schema from its parts. It needs no database: `npm run generate:schema` prints it. */
export function buildSchema(): GraphQLSchema {
  return refuseUnreadableResults(builder.toSchema({ sortSchema: true }))
}
