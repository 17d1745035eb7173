import { METHODS } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { InboundSource } from '../../capture/source/inbound-source.ts'
import { captureFromSource, type SourceCaptureParts } from '../../capture/source/source-capture.ts'
import { AppError } from '../../platform/errors.ts'
import { type Limit, rateLimited } from '../../platform/limits/rate-limit.ts'
import { withTimeout } from '../../platform/timeout.ts'
import { bytesOf } from '../../server/request/body.ts'
import { inTraceOf } from '../../server/request-trace.ts'
import { allowAnyOrigin, answerPreflight } from '../../server/response/cors.ts'
import { notFound } from '../../server/response/problems.ts'
import { type DecodedBody, decodeBody } from '../../sources/decode/decode.ts'
import { maxPayloadBytes } from '../../sources/decode/unpack.ts'
import type { Kind } from '../../sources/kinds/kind.ts'
import type { Headers } from '../../sources/payload.ts'
import type { SourceActivity } from '../../sources/source-activity.ts'
import { isAuthentic } from '../../sources/verify/source-verification.ts'
import type { Workspace, Workspaces } from '../../workspaces/workspace.ts'

const sourcePath = '/capture/:token'
/** Every method that can reach a route: an unknown token is 404 for each of them. */
const methods = METHODS.filter((method) => method !== 'CONNECT')

export interface SourceDoorParts extends SourceCaptureParts {
  readonly sources: { find(token: string): Promise<InboundSource | undefined> }
  readonly workspaces: Pick<Workspaces, 'byId'>
  readonly activity: SourceActivity
  /** Undefined: no limit. */
  readonly sourceRate: Limit | undefined
  /** Counts an unknown token of an address. @throws AppError `rate_limited` */
  readonly countUnknownToken: (network: string) => Promise<void>
}

/** Source of a request, and the request's headers as they were sent. */
interface Called {
  readonly source: InboundSource
  readonly workspace: Workspace
  readonly kind: Kind | undefined
  readonly headers: Headers
}

/** Serves the URLs of sources, which tools post their leads to as they shape them. */
export function addSourceDoor(app: FastifyInstance, parts: SourceDoorParts): void {
  const called = new WeakMap<FastifyRequest, Called>()
  for (const method of methods) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method)
  for (const url of [sourcePath, `${sourcePath}/`])
    app.route<{ Params: { token: string } }>({
      method: methods,
      url,
      exposeHeadRoute: false,
      bodyLimit: maxPayloadBytes,
      errorHandler: (error) => {
        throw 'statusCode' in error && error.statusCode === 413 ? payloadTooLarge() : error
      },
      // The token is looked up before anything of the body is read.
      onRequest: async (request, reply) => {
        allowAnyOrigin(reply)
        const headers = takeHeaders(request)
        const found = await withTimeout(findSource(parts, request.params.token, request.requestOrigin.network))
        called.set(request, { ...found, headers })
      },
      handler: (request, reply) => {
        const found = called.get(request)
        if (found === undefined) throw notFound()
        return answer(parts, found, request, reply)
      },
    })
}

/**
 * Returns the headers as they were sent. Fastify then sees one type for all bodies, since it refuses a malformed type
 * with 415.
 */
function takeHeaders({ raw }: FastifyRequest): Headers {
  const sent = Object.entries(raw.headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value]] : [],
  )
  if (raw.headers['content-type'] !== undefined) raw.headers['content-type'] = 'application/octet-stream'
  return Object.fromEntries(sent)
}

/** @throws AppError `not_found`, `rate_limited`, `unavailable` */
async function findSource(parts: SourceDoorParts, token: string, network: string): Promise<Omit<Called, 'headers'>> {
  const source = await parts.sources.find(token)
  const workspace = source && (await parts.workspaces.byId(source.workspaceId))
  if (source !== undefined && workspace !== undefined && !workspace.isDisabled)
    return { source, workspace, kind: parts.kinds.kindOf(source.kind) }
  await parts.countUnknownToken(network)
  throw notFound()
}

function answer(parts: SourceDoorParts, called: Called, request: FastifyRequest, reply: FastifyReply) {
  const { method } = request
  if (method === 'OPTIONS') return answerPreflight(request, reply, 'POST')
  if (method === 'POST' || method === 'PUT' || method === 'PATCH') return takePayload(parts, called, request, reply)
  const { kind, source } = called
  const handshakeMethod = method === 'HEAD' ? 'HEAD' : 'GET'
  const handshake = {
    method: handshakeMethod,
    query: queryOf(request),
    body: undefined,
    secrets: source.secrets,
  } as const
  const shaken = kind?.handshake?.(handshake)
  if (shaken === undefined) return reply.send({ data: { status: 'ready' } })
  return reply.code(shaken.status).type(`${shaken.type}; charset=utf-8`).send(shaken.body)
}

/** Takes a request in this order: size, handshake, signature, rate, leads. */
async function takePayload(parts: SourceDoorParts, called: Called, request: FastifyRequest, reply: FastifyReply) {
  const { source, workspace, kind, headers } = called
  const bytes = bytesOf(request)
  const decoded = await decodeBody(bytes, headers)
  if (!decoded.ok && decoded.reason === 'too_large') throw payloadTooLarge()
  const query = queryOf(request)
  const body = decoded.ok ? decoded.body : undefined
  const shaken = kind?.handshake?.({ method: 'POST', query, body, secrets: source.secrets })
  if (shaken !== undefined) return reply.code(shaken.status).type(`${shaken.type}; charset=utf-8`).send(shaken.body)
  await admit(parts, called, { bytes, decoded })
  parts.activity.received(source)
  const sent = { workspace, source, decoded, bytes, headers, query, requestId: request.id }
  const data = await withTimeout(inTraceOf(request, 'stranger', () => captureFromSource(parts, sent)))
  return reply.send({ data })
}

/** @throws AppError `unauthenticated`, `rate_limited` */
async function admit(
  { activity, sourceRate }: SourceDoorParts,
  { source, kind, headers }: Called,
  { bytes, decoded }: { readonly bytes: Uint8Array; readonly decoded: DecodedBody },
): Promise<void> {
  const signed = { bytes, headers, body: decoded.ok ? decoded.body : undefined, now: new Date() }
  if (!isAuthentic(source, kind, signed)) {
    activity.refused(source)
    throw new AppError('unauthenticated', 'The signature of this request is missing or wrong.')
  }
  const taken = await sourceRate?.consume(`${source.workspaceId} ${source.id}`)
  if (taken === undefined || taken.isAllowed) return
  activity.refused(source)
  throw rateLimited('This source has sent too many requests.', taken)
}

function queryOf({ url }: FastifyRequest): URLSearchParams {
  const start = url.indexOf('?')
  return new URLSearchParams(start < 0 ? '' : url.slice(start + 1))
}

function payloadTooLarge(): AppError {
  return new AppError('body_too_large', 'The body may have at most 512 KiB, also after unpacking.')
}
