import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type CaptureParts, type CaptureRequest, type CaptureResponse, capture } from '../../capture/capture.ts'
import type { Caller, CaptureLimits } from '../../capture/rate-limits.ts'
import { parseUrlencoded } from '../../capture/read/form.ts'
import { parseLead } from '../../capture/read/lead-json.ts'
import { type PostedParts, parseMultipart } from '../../capture/read/multipart.ts'
import { readQueryFields } from '../../capture/read/query-fields.ts'
import { AppError } from '../../platform/errors.ts'
import { rateLimited } from '../../platform/limits/rate-limit.ts'
import { withTimeout } from '../../platform/timeout.ts'
import { type BodyFormats, bodyReader, bytesOf } from '../../server/request/body.ts'
import { identityOf } from '../../server/request/caller.ts'
import { pathOf } from '../../server/request/host.ts'
import { inTraceOf } from '../../server/request-trace.ts'
import { addOpenPath, checkOrigin } from '../../server/response/cors.ts'
import { tellAllowance } from '../../server/response/rate-limit-headers.ts'
import type { Identify } from '../../workspaces/identify.ts'
import type { KeyRate } from '../../workspaces/key-rate-limit.ts'
import type { Workspace } from '../../workspaces/workspace.ts'
import { asksForPage, sendThanksPage } from './form-response.ts'

const capturePath = '/capture'
/** Some tools put a slash behind every URL. */
const capturePaths = [capturePath, `${capturePath}/`]

/** Fields of a body; their places where it is a form, and its files where it has parts. */
interface PostedBody extends Partial<Pick<PostedParts, 'places' | 'files'>> {
  readonly fields: unknown
}

/** `text/plain` is what navigator.sendBeacon can send without a preflight. */
const formats: BodyFormats<PostedBody> = {
  'application/json': (bytes) => ({ fields: parseLead(bytes) }),
  'application/x-www-form-urlencoded': parseUrlencoded,
  'multipart/form-data': (bytes, parameters) => parseMultipart(bytes, parameters.get('boundary')),
  'text/plain': (bytes) => ({ fields: parseLead(bytes) }),
}

interface DoorParts extends CaptureParts {
  readonly identify: Identify
  readonly captureLimits: CaptureLimits
  readonly keyRate: KeyRate
  readonly baseDomain: string | undefined
}

/** The public door: no key needed, any page may post to it. */
export function addCapture(app: FastifyInstance, parts: DoorParts): void {
  for (const path of capturePaths) {
    addOpenPath(app, { ...parts, path, method: 'POST' })
    app.post(path, async (request, reply) => {
      const { data, ...taken } = await withTimeout(takeLead(request, reply, parts))
      return asksForPage(request) ? sendThanksPage(reply, taken) : reply.code(201).send({ data })
    })
  }
}

/** Returns whether a request is a capture, so that a browser's form gets its problems as a page. */
export function isCapture(request: FastifyRequest): boolean {
  return capturePaths.includes(pathOf(request.url))
}

/** An accepted lead: the response, and the address where its page wants to send the visitor. */
interface AcceptedLead {
  readonly data: CaptureResponse
  readonly workspace: Workspace
  readonly wanted: unknown
}

/** Checks a request in this order: media type, caller, origin, rate limit, body. */
async function takeLead(request: FastifyRequest, reply: FastifyReply, parts: DoorParts): Promise<AcceptedLead> {
  const { identify, captureLimits } = parts
  const readBody = bodyReader(request, formats)
  const { workspace, viewer } = await identityOf(request, identify)
  checkOrigin(request, reply, workspace)
  const caller = { workspace, viewer, network: request.requestOrigin.network }
  await admitCaller(caller, reply, parts)
  const posted = readBody()
  const body = posted?.fields
  const lead: CaptureRequest = {
    workspace,
    viewer,
    isOverBudget: (judged) => captureLimits.isOverBudget(caller, judged),
    body,
    places: posted?.places,
    query: readQueryFields(request.url),
    bytes: identityOfBody(request, posted),
    idempotencyKey: idempotencyKeyOf(request),
    origin: request.headers.origin,
    userAgent: request.headers['user-agent'],
  }
  const data = await inTraceOf(request, viewer ? 'caller' : 'stranger', () => capture(parts, lead))
  return { data, workspace, wanted: wantedRedirect(body) }
}

/** Spends the rate limits of a caller; every response shows how much is left. @throws AppError `rate_limited` */
async function admitCaller(caller: Caller, reply: FastifyReply, { captureLimits, keyRate }: DoorParts): Promise<void> {
  if (caller.viewer !== undefined) await keyRate.spend(caller.viewer, 1)
  const allowance = await captureLimits.checkAddress(caller)
  if (allowance === undefined) return
  tellAllowance(reply, allowance.limit, allowance)
  if (!allowance.isAllowed) throw rateLimited('Too many captures came from this address.', allowance)
}

/** A multipart body sent again comes with another boundary: the same fields and files are the same body. */
function identityOfBody(request: FastifyRequest, posted: PostedBody | undefined): Buffer {
  if (posted?.files === undefined) return bytesOf(request)
  const { fields, files } = posted
  return Buffer.from(JSON.stringify(fields) + (files.length > 0 ? JSON.stringify(files) : ''))
}

function wantedRedirect(body: unknown): unknown {
  return typeof body === 'object' && body !== null && '_redirect' in body ? body._redirect : undefined
}

function idempotencyKeyOf({ raw }: FastifyRequest): string | undefined {
  const [key, ...others] = raw.headersDistinct['idempotency-key'] ?? []
  if (others.length > 0) throw new AppError('invalid_idempotency_key', 'One Idempotency-Key is expected.')
  return key
}
