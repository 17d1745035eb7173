import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../platform/errors.ts'
import { createKeyedSemaphore, type KeyedSemaphore } from '../../platform/limits/keyed-semaphore.ts'
import { withTimeout } from '../../platform/timeout.ts'
import type { ContactPageRequest, MountedGraphql } from '../../server/mounted-graphql.ts'
import { type CallerParts, viewerOf } from '../../server/request/caller.ts'
import type { KeyRate } from '../../workspaces/key-rate-limit.ts'
import { contactJson } from './contact-json.ts'
import { type ExportFormat, exportFormats } from './export-formats.ts'
import { readExportQuery } from './export-query.ts'

interface ExportParts extends CallerParts {
  readonly keyRate: KeyRate
  readonly graphql: Pick<MountedGraphql, 'readContactPage'>
}

type Page = Awaited<ReturnType<MountedGraphql['readContactPage']>>

/** Exports of a workspace that run at a time on a node. */
const maxAtOnce = 2

/** Adds the export of all contacts that match. */
export function addContactExport(app: FastifyInstance, parts: ExportParts): void {
  const running = createKeyedSemaphore(maxAtOnce)
  app.get('/contacts/export', (request, reply) => exportContacts(request, reply, parts, running))
}

/**
 * Sends the contacts page by page, as fast as the caller reads them. The first page is read before the response begins,
 * so that a wrong filter is an error as usual; a failure after that cuts the connection.
 */
async function exportContacts(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: ExportParts,
  running: KeyedSemaphore,
): Promise<FastifyReply> {
  const viewer = await withTimeout(viewerOf(request, parts, 'CONTACTS_READ'))
  await parts.keyRate.spend(viewer, 1)
  const { format: name, ...search } = readExportQuery(request.query)
  const release = running.acquire(viewer.workspaceId)
  if (release === undefined)
    throw new AppError('rate_limited', `At most ${maxAtOnce} exports run at a time.`, { retryAfterSeconds: 5 })
  reply.raw.once('close', release)
  const readPage = (after: string | null) => readPageAgain(request, parts, { ...search, after })
  const first = await readPage(null).catch((error: unknown) => {
    release()
    throw error
  })
  const format: ExportFormat = exportFormats[name]
  const attachment = `attachment; filename="contacts.${format.extension}"`
  return reply
    .headers({ 'content-type': format.type, 'content-disposition': attachment })
    .send(Readable.from(textOf(format, first, readPage), { objectMode: false, highWaterMark: 1 }))
}

/** Looks the caller up for each page, since its key may be revoked while the export runs. */
async function readPageAgain(request: FastifyRequest, parts: ExportParts, page: ContactPageRequest): Promise<Page> {
  const viewer = await withTimeout(viewerOf(request, parts, 'CONTACTS_READ'))
  return withTimeout(parts.graphql.readContactPage(viewer, page))
}

async function* textOf(format: ExportFormat, first: Page, readPage: (after: string) => Promise<Page>) {
  if (format.start !== '') yield format.start
  let isFirst = true
  for (let page = first; ; ) {
    if (page.contacts.length > 0) {
      yield format.write(page.contacts.map(contactJson), isFirst)
      isFirst = false
    }
    if (page.next === null) break
    page = await readPage(page.next)
  }
  if (format.end !== '') yield format.end
}
