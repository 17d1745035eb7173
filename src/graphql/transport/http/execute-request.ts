import type { FastifyReply, FastifyRequest } from 'fastify'
import { unavailable } from '../../../platform/errors.ts'
import { maxAnswerBytes } from '../../../server/pending-responses.ts'
import { baseUrlOf } from '../../../server/request-origin.ts'
import type { Viewer } from '../../../workspaces/viewer.ts'
import type { Surface } from '../dependencies.ts'
import { notAcceptable, sendErrors } from './http-errors.ts'
import { trackOperation } from './tracked-operation.ts'
import { yogaRequestOf } from './yoga-request.ts'

/** Executes the operation of a request, and sends its result: as a whole, or as a stream. */
export async function executeRequest(
  surface: Surface,
  viewer: Viewer,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { url, init } = yogaRequestOf(request)
  const operation = trackOperation(surface.sessions, viewer, request, reply)
  const context = surface.contextOf(viewer, baseUrlOf(request.requestOrigin, surface.config.publicUrl))
  const execute = async () => surface.yoga.fetch(url, { ...init, signal: operation.gone }, context)
  const response = await surface.whileAnswering(execute())
  if (response.status === 406) return sendErrors(reply.code(406), notAcceptable)
  if (!isStream(response)) return sendWhole(surface, reply, response)
  return reply.code(response.status).headers(headersOf(response)).send(operation.stream(response.body))
}

/** Sends a response whose length is known. @throws AppError `unavailable` while too much waits for readers */
async function sendWhole(
  { pendingResponses }: Surface,
  reply: FastifyReply,
  response: Response,
): Promise<FastifyReply> {
  // While the response waits for its reader, it holds the bytes alone: a text would be kept beside them.
  const body = Buffer.from(await response.text())
  if (body.length > maxAnswerBytes) return sendErrors(reply.code(400), tooLarge)
  if (!pendingResponses.admits(body.length)) throw unavailable()
  return reply
    .code(response.status)
    .headers({ ...headersOf(response), 'content-length': body.length })
    .send(body)
}

const tooLarge = {
  message: `An answer has at most ${maxAnswerBytes / 1_048_576} MiB: ask for less at a time.`,
  extensions: { code: 'COST_EXCEEDED' },
}

function isStream({ headers }: Response): boolean {
  return /^(text\/event-stream|multipart\/)/.test(headers.get('content-type') ?? '')
}

function headersOf({ headers }: Response): Record<string, string> {
  return Object.fromEntries(headers)
}
