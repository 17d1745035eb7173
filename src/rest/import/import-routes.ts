import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ImportAnswer } from '../../capture/import/import-answer.ts'
import type { ImportRows } from '../../capture/import/import-batch.ts'
import { chooseFields } from '../../capture/import/import-columns.ts'
import { withTimeout } from '../../platform/timeout.ts'
import { bytesOf } from '../../server/request/body.ts'
import { unauthenticated } from '../../workspaces/sent-key.ts'
import type { Viewer } from '../../workspaces/viewer.ts'
import type { Workspaces } from '../../workspaces/workspace.ts'
import { validateFields } from '../validate.ts'
import { admittingViewers, readJson, type ViewerParts } from '../viewer-request.ts'
import { importBody, previewBody } from './import-body.ts'

interface ImportParts extends ViewerParts {
  readonly workspaces: Pick<Workspaces, 'byId'>
  readonly importRows: ImportRows
}

const maxBytes = 2 * 1024 * 1024
/** A batch is hundreds of captures: it may take longer than other requests. */
const batchTimeoutMs = 15_000

/** Import of contacts in batches, for callers with a key. */
export function addImport(app: FastifyInstance, parts: ImportParts): void {
  const asViewer = admittingViewers(parts)
  const viewers = new WeakMap<FastifyRequest, Viewer>()
  const viewerOf = (request: FastifyRequest): Viewer => {
    const viewer = viewers.get(request)
    if (viewer === undefined) throw unauthenticated()
    return viewer
  }
  const door = {
    bodyLimit: maxBytes,
    // The key is checked before the body is read, which is larger than others.
    onRequest: (request: FastifyRequest) =>
      asViewer(request, ['CONTACTS_WRITE'], async (viewer) => void viewers.set(request, viewer)),
  }

  app.post('/contacts/import', door, async (request) => {
    const answer = await withTimeout(importBatch(parts, viewerOf(request), request), batchTimeoutMs)
    return { data: answerJson(answer) }
  })

  app.post('/contacts/import/preview', door, async (request) => {
    const { columns, rows } = validateFields(previewBody, readJson(request))
    return { data: { columns: chooseFields(columns, rows) } }
  })
}

async function importBatch({ keyRate, workspaces, importRows }: ImportParts, viewer: Viewer, request: FastifyRequest) {
  const { import: importId, batch, columns, source, silent, rows } = validateFields(importBody, readJson(request))
  await keyRate.spend(viewer, rows.length)
  const workspace = await workspaces.byId(viewer.workspaceId)
  if (workspace === undefined) throw unauthenticated()
  const bytes = bytesOf(request)
  return importRows({ workspace, viewer, importId, batch, columns, source, isSilent: silent, rows, bytes })
}

function answerJson({ outcomes, refused, isRepeated = false }: ImportAnswer) {
  return { outcomes, refused, repeated: isRepeated }
}
