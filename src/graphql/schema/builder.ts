import SchemaBuilder from '@pothos/core'
import ComplexityPlugin from '@pothos/plugin-complexity'
import ErrorsPlugin from '@pothos/plugin-errors'
import PrismaPlugin from '@pothos/plugin-prisma'
import RelayPlugin from '@pothos/plugin-relay'
import ScopeAuthPlugin from '@pothos/plugin-scope-auth'
import ValidationPlugin from '@pothos/plugin-validation'
import { getDatamodel, type default as PrismaTypes } from '../../generated/pothos.ts'
import type { Scope } from '../../generated/prisma/enums.ts'
import { hasScope } from '../../workspaces/viewer.ts'
import type { Context } from '../execution/context.ts'
import { refusal } from '../execution/errors.ts'
import { typeOfId } from './relay/node-ids.ts'

/** Types for the schema builder. */
interface BuilderTypes {
  Context: Context
  PrismaTypes: PrismaTypes
  DefaultFieldNullability: false
  AuthScopes: { scope: Scope; operator: boolean }
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: Date }
    JSON: { Input: unknown; Output: unknown }
    URL: { Input: string; Output: string }
  }
}

export const builder = new SchemaBuilder<BuilderTypes>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, ValidationPlugin, ComplexityPlugin, PrismaPlugin, RelayPlugin],
  defaultFieldNullability: false,
  errors: { directResult: true },
  // The plugin's own limit counts only one of several operations; limits.ts computes the cost of the one that runs.
  complexity: { disabled: true, defaultComplexity: 1, defaultListMultiplier: 1 },
  prisma: { client: (context) => context.database.prisma, dmmf: getDatamodel() },
  relay: {
    encodeGlobalID: (_typename, id) => String(id),
    decodeGlobalID: (id) => ({ typename: typeOfId(id) ?? unknownNode, id }),
    brandLoadedObjects: true,
    // types/shared/node.ts defines both, because a contact has more than one id.
    nodeQueryOptions: false,
    nodesQueryOptions: false,
  },
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: ({ viewer, isOperator }) => ({
      scope: (scope) => hasScope(viewer, scope),
      operator: async () => {
        if (hasScope(viewer, 'ADMIN') && (await isOperator(viewer))) return true
        throw refusal('FORBIDDEN', 'Only ADMIN keys of the default workspace may do this.')
      },
    }),
    unauthorizedError: () => refusal('FORBIDDEN', 'This key lacks a required scope.'),
  },
})

/**
 * Scope that a mutation grants on the object that it has written, so that a key which may only write reads back what it
 * wrote. On every other way the type requires its scope.
 */
export const written = 'written'

/** Type for ids of an unknown kind: they resolve as Contact and return null. */
const unknownNode = 'Contact'

builder.queryType({})
builder.mutationType({
  description: 'Roots are nullable so that one failure does not erase the results of its siblings.',
})
builder.subscriptionType({})
