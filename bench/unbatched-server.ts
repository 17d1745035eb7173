import { createServer, type IncomingMessage } from 'node:http'
import { type CaptureResponse, capture } from '../src/capture/capture.ts'
import { createFormTokens } from '../src/capture/screen/form-token.ts'
import { createProofsOfWork } from '../src/capture/screen/proof-of-work.ts'
import { createScreen } from '../src/capture/screen/screening.ts'
import { createCaptureWriter } from '../src/capture/write/writer.ts'
import { readConfig } from '../src/config/config.ts'
import { migrate } from '../src/database/migrate.ts'
import { openDatabase } from '../src/database/open.ts'
import { startSignals } from '../src/events/signals.ts'
import { createLog } from '../src/platform/log.ts'
import { parseJson } from '../src/platform/text/json.ts'
import { bootstrap } from '../src/workspaces/bootstrap.ts'
import { createWorkspaces } from '../src/workspaces/workspace.ts'
import { listen, readBody, sendJson } from './json-server.ts'

/** Batches of one: the writes of Rex with one transaction per request, as many at a time as connections allow. */
const oneByOne = { maxItems: 1, inFlight: 10 }

const config = readConfig()
const log = createLog('silent')
const database = await openDatabase(config, log)
await migrate(database)
await bootstrap(database, { slug: 'default', configuredKey: undefined })
const writer = createCaptureWriter(database, await startSignals(database, log), oneByOne)
const ring = [{ id: 'bench', key: Buffer.alloc(32) }]
const screen = createScreen(createFormTokens(ring))
const { readProof } = createProofsOfWork(ring)
const workspaces = createWorkspaces(database)

async function captureLead(request: IncomingMessage): Promise<CaptureResponse> {
  const bytes = await readBody(request)
  const workspace = await workspaces.bySlug('default')
  if (workspace === undefined) throw new Error('The default workspace is missing.')
  const userAgent = request.headers['user-agent']
  const none = { viewer: undefined, isOverBudget: async () => false, idempotencyKey: undefined, origin: undefined }
  return capture({ screen, readProof, writer }, { ...none, workspace, body: parseJson(bytes), bytes, userAgent })
}

const server = createServer(async (request, response) => {
  try {
    sendJson(response, 201, { data: await captureLead(request) })
  } catch (error) {
    console.error(error)
    sendJson(response, 500, {})
  }
})
listen(server)
