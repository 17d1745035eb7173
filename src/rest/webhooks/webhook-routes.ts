import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Database } from '../../database/database.ts'
import type { ManualDeliveries } from '../../delivery/manual-deliveries.ts'
import type { Cursors } from '../../events/cursor.ts'
import type { Scope, WebhookEndpoint } from '../../generated/prisma/client.ts'
import { AppError } from '../../platform/errors.ts'
import { nounOfId } from '../../platform/ids.ts'
import { withTimeout } from '../../platform/timeout.ts'
import { bodyReader, bytesOf, jsonOnly } from '../../server/body.ts'
import { viewerOf } from '../../server/caller.ts'
import type { Endpoints } from '../../webhooks/endpoints.ts'
import type { Identify } from '../../workspaces/identify.ts'
import type { KeyRate } from '../../workspaces/key-rate-limit.ts'
import { inWorkspace, requireScope, type Viewer } from '../../workspaces/viewer.ts'
import { validateFields } from '../validate.ts'
import { deliveryJson } from './delivery-json.ts'
import { changeOf, creationOf, endpointChange, fieldNames, newEndpoint, rotation } from './endpoint-body.ts'
import { endpointJson } from './endpoint-json.ts'
import { createEndpointPages } from './paging.ts'

interface WebhookParts {
  readonly database: Database
  readonly cursors: Cursors
  readonly identify: Identify
  readonly keyRate: KeyRate
  readonly endpoints: Endpoints
  readonly manualDeliveries: ManualDeliveries
}

/** Webhooks carry personal data, so whoever decides where they go needs the right to read it. */
const personalData = ['WEBHOOKS_WRITE', 'PII_READ'] as const

type ById = { Params: { id: string } }

/** Webhook endpoints over REST, for callers with a key. */
export function addWebhooks(app: FastifyInstance, parts: WebhookParts): void {
  const { database, identify, keyRate, endpoints, manualDeliveries } = parts
  const { pageOf, cursorOf } = createEndpointPages(parts.cursors)
  const asViewer: AsViewer = (request, scopes, work) =>
    withTimeout(admit(request, scopes, { identify, keyRate }).then(work))

  app.post('/webhooks', (request, reply) =>
    asViewer(request, personalData, async (viewer) => {
      const input = creationOf(validateFields(newEndpoint, readJson(request)))
      const { id, secret } = await endpoints.create(viewer, input, fieldNames)
      const endpoint = await findEndpoint(database, viewer, id)
      reply.code(201).header('location', `/webhooks/${id}`)
      return { data: { ...endpointJson(endpoint), secret } }
    }),
  )

  app.get('/webhooks', (request) =>
    asViewer(request, ['WEBHOOKS_READ'], async (viewer) => {
      const { limit, afterId } = pageOf(viewer, request.query)
      const found = await listEndpoints(database, viewer, { limit: limit + 1, afterId })
      const shown = found.slice(0, limit)
      const last = found.length > limit ? shown.at(-1) : undefined
      return { data: shown.map(endpointJson), page: { next: last === undefined ? null : cursorOf(viewer, last.id) } }
    }),
  )

  app.get<ById>('/webhooks/:id', (request) =>
    asViewer(request, ['WEBHOOKS_READ'], async (viewer) => {
      return { data: endpointJson(await findEndpoint(database, viewer, idOf(request))) }
    }),
  )

  app.patch<ById>('/webhooks/:id', (request) =>
    asViewer(request, ['WEBHOOKS_WRITE'], async (viewer) => {
      const id = idOf(request)
      const change = changeOf(validateFields(endpointChange, readJson(request)))
      await endpoints.update(viewer, id, change, fieldNames)
      return { data: endpointJson(await findEndpoint(database, viewer, id)) }
    }),
  )

  app.post<ById>('/webhooks/:id/rotate-secret', (request) =>
    asViewer(request, personalData, async (viewer) => {
      const id = idOf(request)
      const { overlap_hours: overlapHours } = validateFields(rotation, readOptionalJson(request))
      const secret = await endpoints.rotateSecret(viewer, { id, overlapHours, overlapPath: 'overlap_hours' })
      return { data: { ...endpointJson(await findEndpoint(database, viewer, id)), secret } }
    }),
  )

  app.post<ById>('/webhooks/:id/test', (request, reply) =>
    asViewer(request, personalData, async (viewer) => {
      const deliveryId = await manualDeliveries.sendTest(viewer, idOf(request))
      reply.code(202)
      return { data: await findDelivery(database, viewer, deliveryId) }
    }),
  )

  app.delete<ById>('/webhooks/:id', (request, reply) =>
    asViewer(request, ['WEBHOOKS_WRITE'], async (viewer) => {
      await endpoints.remove(viewer, idOf(request))
      return reply.code(204).send()
    }),
  )
}

type AsViewer = <Result>(
  request: FastifyRequest,
  scopes: readonly [Scope, ...Scope[]],
  work: (viewer: Viewer) => Promise<Result>,
) => Promise<Result>

/** @throws AppError `unauthenticated`, `insufficient_scope`, `rate_limited` */
async function admit(
  request: FastifyRequest,
  [first, ...others]: readonly [Scope, ...Scope[]],
  { identify, keyRate }: Pick<WebhookParts, 'identify' | 'keyRate'>,
): Promise<Viewer> {
  const viewer = await viewerOf(request, identify, first)
  await keyRate.spend(viewer, 1)
  for (const scope of others) requireScope(viewer, scope)
  return viewer
}

/** A call that needs no body may come without one. */
function readOptionalJson(request: FastifyRequest): unknown {
  return bytesOf(request).length === 0 ? {} : readJson(request)
}

function readJson(request: FastifyRequest): unknown {
  return bodyReader(request, jsonOnly)()
}

/** Returns the id in the path. Anything but the id of an endpoint is 404 and never reaches the database. */
function idOf({ params }: FastifyRequest<ById>): string {
  if (nounOfId(params.id) !== 'endpoint') throw noSuchEndpoint()
  return params.id
}

/** @throws AppError `not_found`, for another workspace's id as for one that does not exist */
async function findEndpoint({ prisma }: Database, viewer: Viewer, id: string): Promise<WebhookEndpoint> {
  const endpoint = await prisma.webhookEndpoint.findFirst({ where: inWorkspace(viewer, { id }) })
  if (endpoint === null) throw noSuchEndpoint()
  return endpoint
}

async function findDelivery({ prisma }: Database, viewer: Viewer, id: string) {
  const delivery = await prisma.delivery.findFirstOrThrow({
    where: inWorkspace(viewer, { id }),
    include: { event: { select: { id: true, type: true } } },
  })
  return deliveryJson(delivery)
}

function noSuchEndpoint(): AppError {
  return new AppError('not_found', 'There is no such webhook endpoint.')
}

/** Newest first. Index: webhook_endpoint_pkey. */
async function listEndpoints(
  { prisma }: Database,
  viewer: Viewer,
  { limit, afterId }: { readonly limit: number; readonly afterId: string | undefined },
): Promise<WebhookEndpoint[]> {
  const where = inWorkspace(viewer, afterId === undefined ? {} : { id: { lt: afterId } })
  return prisma.webhookEndpoint.findMany({ where, orderBy: { id: 'desc' }, take: limit })
}
