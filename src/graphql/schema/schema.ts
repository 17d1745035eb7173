import type { GraphQLSchema } from 'graphql'
import { checkMutationSelections } from '../execution/mutation-selection-auth.ts'
import { builder } from './builder.ts'
import './scalars.ts'
import '../types/api-key/api-key.ts'
import '../types/workspace/audit-entry.ts'
import '../types/submission/capture-stats.ts'
import '../types/workspace/capture-storage.ts'
import '../types/contact/contact.ts'
import '../types/contact/contact-edit.ts'
import '../types/contact/contact-event.ts'
import '../types/contact/contact-privacy.ts'
import '../types/delivery/delivery.ts'
import '../types/event/event.ts'
import '../types/shared/node.ts'
import '../types/delivery/replay.ts'
import '../types/source/source.ts'
import '../types/source/source-mutations.ts'
import '../types/source/source-submissions.ts'
import '../types/submission/submission.ts'
import '../types/shared/user-error.ts'
import '../types/webhook-endpoint/webhook-endpoint.ts'
import '../types/workspace/workspace.ts'
import '../types/workspace/workspace-end.ts'

/** Builds the schema. Needs no database: `npm run generate:schema` prints it. */
export function buildSchema(): GraphQLSchema {
  return checkMutationSelections(builder.toSchema({ sortSchema: true }))
}
