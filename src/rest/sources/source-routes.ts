import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../../config/config.ts'
import type { Database } from '../../database/database.ts'
import type { Cursors } from '../../events/cursor.ts'
import type { Source } from '../../generated/prisma/client.ts'
import { AppError } from '../../platform/errors.ts'
import { baseUrlOf } from '../../server/request/request-origin.ts'
import type { SourceStore } from '../../sources/source-store.ts'
import type { Identify } from '../../workspaces/identify.ts'
import type { KeyRate } from '../../workspaces/key-rate-limit.ts'
import { inWorkspace, type Viewer } from '../../workspaces/viewer.ts'
import { createListPages } from '../list-pages.ts'
import { validateFields } from '../validate.ts'
import { admittingViewers, type ById, idInPath, readJson, readOptionalJson } from '../viewer-request.ts'
import { changeOf, creationOf, fieldNames, newSource, sourceChange, urlRotation } from './source-body.ts'
import { sourceJson } from './source-json.ts'

interface SourceParts {
  readonly config: Config
  readonly database: Database
  readonly cursors: Cursors
  readonly identify: Identify
  readonly keyRate: KeyRate
  readonly sources: SourceStore
}

/** Sources over REST, for callers with a key. */
export function addSources(app: FastifyInstance, parts: SourceParts): void {
  const { database, sources, config } = parts
  const { pageOf, answerOf } = createListPages(parts.cursors, { list: 'REST sources', noun: 'source' })
  const asViewer = admittingViewers(parts)
  const show = (request: FastifyRequest, viewer: Viewer, source: Source) =>
    sourceJson(source, { viewer, sources, baseUrl: baseUrlOf(request.requestOrigin, config.publicUrl) })
  const find = async (request: FastifyRequest, viewer: Viewer, id: string) =>
    show(request, viewer, await findSource(database, viewer, id))

  app.post('/sources', (request, reply) =>
    asViewer(request, ['SOURCES_WRITE'], async (viewer) => {
      const input = creationOf(validateFields(newSource, readJson(request)))
      const id = await sources.create(viewer, input, fieldNames)
      reply.code(201).header('location', `/sources/${id}`)
      return { data: await find(request, viewer, id) }
    }),
  )

  app.get('/sources', (request) =>
    asViewer(request, ['SOURCES_READ'], async (viewer) => {
      const { limit, afterId } = pageOf(viewer, request.query)
      const { rows, page } = answerOf(viewer, await listSources(database, viewer, { limit: limit + 1, afterId }), limit)
      return { data: rows.map((source) => show(request, viewer, source)), page }
    }),
  )

  app.get<ById>('/sources/:id', (request) =>
    asViewer(request, ['SOURCES_READ'], async (viewer) => {
      return { data: await find(request, viewer, idOf(request)) }
    }),
  )

  app.patch<ById>('/sources/:id', (request) =>
    asViewer(request, ['SOURCES_WRITE'], async (viewer) => {
      const id = idOf(request)
      await sources.update(viewer, id, changeOf(validateFields(sourceChange, readJson(request))), fieldNames)
      return { data: await find(request, viewer, id) }
    }),
  )

  app.post<ById>('/sources/:id/rotate-url', (request) =>
    asViewer(request, ['SOURCES_WRITE'], async (viewer) => {
      const id = idOf(request)
      const { overlap_hours: overlapHours } = validateFields(urlRotation, readOptionalJson(request))
      await sources.rotateUrl(viewer, id, overlapHours, fieldNames)
      return { data: await find(request, viewer, id) }
    }),
  )

  app.delete<ById>('/sources/:id', (request, reply) =>
    asViewer(request, ['SOURCES_WRITE'], async (viewer) => {
      await sources.remove(viewer, idOf(request))
      return reply.code(204).send()
    }),
  )
}

/** @throws AppError `not_found` for anything but the id of a source */
function idOf(request: FastifyRequest<ById>): string {
  const id = idInPath(request, 'source')
  if (id === undefined) throw noSuchSource()
  return id
}

/** @throws AppError `not_found`, for another workspace's id as for one that does not exist */
async function findSource({ prisma }: Database, viewer: Viewer, id: string): Promise<Source> {
  const source = await prisma.source.findFirst({ where: inWorkspace(viewer, { id }) })
  if (source === null) throw noSuchSource()
  return source
}

function noSuchSource(): AppError {
  return new AppError('not_found', 'There is no such source.')
}

/** Newest first. Index: source_pkey. */
async function listSources(
  { prisma }: Database,
  viewer: Viewer,
  { limit, afterId }: { readonly limit: number; readonly afterId: string | undefined },
): Promise<Source[]> {
  const where = inWorkspace(viewer, afterId === undefined ? {} : { id: { lt: afterId } })
  return prisma.source.findMany({ where, orderBy: { id: 'desc' }, take: limit })
}
