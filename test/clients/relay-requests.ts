import type { ConcreteRequest, NormalizationSelection } from 'relay-runtime'
import { contactsQuery, createdSubscription, upsertMutation } from './live-client.ts'

type Selections = readonly NormalizationSelection[]
type OperationKind = ConcreteRequest['params']['operationKind']

const rootTypes: Readonly<Record<OperationKind, string>> = {
  query: 'Query',
  mutation: 'Mutation',
  subscription: 'Subscription',
}

const contact = linked('contact', 'Contact', [scalar('id'), scalar('email')])

/** What relay-compiler, which is a binary that is downloaded, writes for the operations of these tests. */
export const contactsRequest = requestOf('query', 'ClientContacts', contactsQuery, 'first', [
  linked(
    'contacts',
    'ContactConnection',
    [linked('edges', 'ContactEdge', [linked('node', 'Contact', [scalar('id'), scalar('email')])], { plural: true })],
    { argument: 'first' },
  ),
])

export const upsertRequest = requestOf('mutation', 'ClientUpsert', upsertMutation, 'input', [
  linked(
    'upsertContact',
    null,
    [
      scalar('__typename'),
      inline('UpsertContactSuccess', [scalar('outcome'), contact]),
      inline('ValidationError', [scalar('message')]),
    ],
    { argument: 'input' },
  ),
])

export const createdRequest = requestOf('subscription', 'ClientCreated', createdSubscription, undefined, [
  linked('contactCreated', 'ContactCreatedEvent', [scalar('eventId'), contact]),
])

function requestOf(
  operationKind: OperationKind,
  name: string,
  text: string,
  variable: string | undefined,
  selections: Selections,
): ConcreteRequest {
  const definitions = variable === undefined ? [] : [{ kind: 'LocalArgument', name: variable, defaultValue: null }]
  return parseRequest({
    kind: 'Request',
    fragment: {
      kind: 'Fragment',
      name,
      type: rootTypes[operationKind],
      argumentDefinitions: definitions,
      metadata: null,
      abstractKey: null,
      selections,
    },
    operation: { kind: 'Operation', name, argumentDefinitions: definitions, selections },
    params: { cacheID: name, id: null, metadata: {}, name, operationKind, text },
  })
}

function scalar(name: string): NormalizationSelection {
  return parseSelection({ kind: 'ScalarField', alias: null, args: null, name, storageKey: null })
}

function linked(
  name: string,
  concreteType: string | null,
  selections: Selections,
  { argument, plural = false }: { argument?: string; plural?: boolean } = {},
): NormalizationSelection {
  const args = argument === undefined ? null : [{ kind: 'Variable', name: argument, variableName: argument }]
  return parseSelection({
    kind: 'LinkedField',
    alias: null,
    args,
    concreteType,
    name,
    plural,
    selections,
    storageKey: null,
  })
}

function inline(type: string, selections: Selections): NormalizationSelection {
  return parseSelection({ kind: 'InlineFragment', type, abstractKey: null, selections })
}

function parseSelection(selection: object): NormalizationSelection {
  return selection as NormalizationSelection
}

function parseRequest(request: object): ConcreteRequest {
  return request as ConcreteRequest
}
