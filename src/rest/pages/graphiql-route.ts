import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { unavailable } from '../../platform/errors.ts'
import { createKeyedSemaphore } from '../../platform/limits/keyed-semaphore.ts'
import type { CheckKeylessRate } from '../../server/request/keyless-rate-limit.ts'
import { sendCached } from '../../server/response/cached-response.ts'
import { scriptType } from './script-response.ts'

/** A file on disk, as it is served here: a stream of its own for each request waits for slow readers. */
export interface ServedGraphiqlFile {
  readonly name: string
  readonly hash: string
  readonly bytes: number
  readonly gzippedBytes: number
  open(): Readable
  openGzipped(): Readable
}

const policy = "default-src 'none'; frame-ancestors 'none'"

/** A page loads eight; each that is open holds a buffer while its reader is slow. */
const maxOpenPerAddress = 16

/** Serves the files that the page of GraphiQL loads. */
export function addGraphiql(app: FastifyInstance, files: readonly ServedGraphiqlFile[], admit: CheckKeylessRate): void {
  const open = createKeyedSemaphore(maxOpenPerAddress)
  for (const file of files) {
    const type = file.name.endsWith('.css') ? 'text/css; charset=utf-8' : scriptType
    app.get(`/graphiql/${file.name}`, (request, reply) => {
      const opened = (openFile: () => Readable) => () => {
        const leave = open.acquire(request.requestOrigin.network)
        if (leave === undefined) throw unavailable()
        return openFile().once('close', leave)
      }
      const cached = {
        etag: `W/"${file.hash}"`,
        cacheControl: 'no-cache',
        type,
        plain: opened(file.open),
        gzipped: opened(file.openGzipped),
      }
      return sendCached(request, reply.header('content-security-policy', workerPolicy(file.name)), cached, admit)
    })
  }
}

/** A worker has the policy of its own file. */
function workerPolicy(name: string): string {
  return name.endsWith('.worker.js') ? "default-src 'none'; script-src 'self'; frame-ancestors 'none'" : policy
}
