import type { FastifyReply, FastifyRequest } from 'fastify'
import { unavailable } from '../../../platform/errors.ts'
import { baseUrlOf } from '../../../server/request/request-origin.ts'
import { maxAnswerBytes, smallBytes } from '../../../server/response/pending-responses.ts'
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
  const operation = trackOperation(surface.sessions, viewer, request, reply)
  const baseUrl = baseUrlOf(request.requestOrigin, surface.config.publicUrl)
  const context = surface.contextOf(viewer, baseUrl, request.id)
  const plain = await surface.whileAnswering(surface.plainOperations.execute(request, context, operation.gone))
  if (plain?.executed.kind === 'result' && plain.executed.result.errors === undefined)
    return sendText(surface, reply.code(200), { 'content-type': plain.type }, JSON.stringify(plain.executed.result))
  const presented = plain === undefined ? context : { ...context, executed: plain.executed }
  const { url, init } = yogaRequestOf(request)
  const execute = async () => surface.yoga.fetch(url, { ...init, signal: operation.gone }, presented)
  const response = await surface.whileAnswering(execute())
  surface.plainOperations.learnType(request, response)
  if (response.status === 406) return sendErrors(reply.code(406), notAcceptable)
  if (!isStream(response))
    return sendText(surface, reply.code(response.status), headersOf(response), await response.text())
  return reply.code(response.status).headers(headersOf(response)).send(operation.stream(response.body))
}

/** Sends a response whose length is known. @throws AppError `unavailable` while too much waits for readers */
function sendText(
  { pendingResponses }: Surface,
  reply: FastifyReply,
  headers: Readonly<Record<string, string>>,
  text: string,
): FastifyReply {
  const length = Buffer.byteLength(text)
  if (length > maxAnswerBytes) return sendErrors(reply.code(400), tooLarge)
  if (!pendingResponses.admits(length)) throw unavailable()
  // Node sends a text in one write with the head. While a long response waits for its reader, it holds the bytes alone:
  // the text would be kept beside them.
  const body = length > smallBytes ? Buffer.from(text) : text
  return reply.headers({ ...headers, 'content-length': length }).send(body)
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
