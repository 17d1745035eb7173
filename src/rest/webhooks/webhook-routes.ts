import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../../config/config.ts'
import type { Database } from '../../database/database.ts'
import type { ManualDeliveries } from '../../delivery/manual-deliveries.ts'
import type { Cursors } from '../../events/cursor.ts'
import type { WebhookEndpoint } from '../../generated/prisma/client.ts'
import { AppError } from '../../platform/errors.ts'
import type { Endpoints } from '../../webhooks/endpoints.ts'
import type { Identify } from '../../workspaces/identify.ts'
import type { KeyRate } from '../../workspaces/key-rate-limit.ts'
import { inWorkspace, type Viewer } from '../../workspaces/viewer.ts'
import { createListPages } from '../list-pages.ts'
import { validateFields } from '../validate.ts'
import { admittingViewers, type ById, idInPath, readJson, readOptionalJson } from '../viewer-request.ts'
import { deliveryJson } from './delivery-json.ts'
import { changeOf, creationOf, endpointChange, fieldNames, newEndpoint, rotation } from './endpoint-body.ts'
import { endpointJson } from './endpoint-json.ts'

interface WebhookParts {
  readonly config: Config
  readonly database: Database
  readonly cursors: Cursors
  readonly identify: Identify
  readonly keyRate: KeyRate
  readonly endpoints: Endpoints
  readonly manualDeliveries: ManualDeliveries
}

/** Webhooks carry personal data, so whoever decides where they go needs the right to read it. */
const personalData = ['WEBHOOKS_WRITE', 'PII_READ'] as const

/** Webhook endpoints over REST, for callers with a key. */
export function addWebhooks(app: FastifyInstance, parts: WebhookParts): void {
  const { database, endpoints, manualDeliveries } = parts
  const { pageOf, answerOf } = createListPages(parts.cursors, { list: 'REST webhooks', noun: 'endpoint' })
  const asViewer = admittingViewers(parts)

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
      const { rows, page } = answerOf(viewer, found, limit)
      return { data: rows.map(endpointJson), page }
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

/** @throws AppError `not_found` for anything but the id of an endpoint */
function idOf(request: FastifyRequest<ById>): string {
  const id = idInPath(request, 'endpoint')
  if (id === undefined) throw noSuchEndpoint()
  return id
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
