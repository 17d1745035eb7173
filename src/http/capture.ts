import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { parseJson } from '../capture/body.ts'
import { type CaptureAnswer, capture } from '../capture/capture.ts'
import type { CaptureWriter } from '../capture/writer.ts'
import { AppError } from '../errors.ts'
import { type Identify, labelOfHost } from '../workspaces/identify.ts'
import { type BodyFormats, bodyReader, bytesOf } from './body.ts'
import { identityOf } from './caller.ts'
import { admitOrigin, announcesKey, answerPreflight, openToPages } from './cors.ts'
import { withinDeadline } from './deadline.ts'
import { hostOf, pathOf } from './host.ts'

const path = '/capture'

/** `text/plain` is what navigator.sendBeacon can send without a preflight. */
const formats: BodyFormats = { 'application/json': parseJson, 'text/plain': parseJson }

interface CaptureParts {
  readonly identify: Identify
  readonly writer: CaptureWriter
  readonly baseDomain: string | undefined
}

/** The public door: no key needed, any page may post to it. */
export function addCapture(app: FastifyInstance, parts: CaptureParts): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (pathOf(request.url) === path) openToPages(reply)
    done()
  })
  app.options(path, async (request, reply) => {
    await withinDeadline(admitPreflight(request, reply, parts))
    return answerPreflight(reply)
  })
  app.post(path, async (request, reply) => {
    const data = await withinDeadline(takeLead(request, reply, parts))
    return reply.code(201).send({ data })
  })
}

/** What is sent is looked at in this order: its type, who sends it, from which page, what it says. */
async function takeLead(
  request: FastifyRequest,
  reply: FastifyReply,
  { identify, writer }: CaptureParts,
): Promise<CaptureAnswer> {
  const readBody = bodyReader(request, formats)
  const { workspace, viewer } = await identityOf(request, identify)
  admitOrigin(request, reply, workspace)
  return capture(writer, {
    workspace,
    viewer,
    body: readBody(),
    bytes: bytesOf(request),
    idempotencyKey: idempotencyKeyOf(request),
    origin: request.headers.origin,
    userAgent: request.headers['user-agent'],
  })
}

/**
 * A preflight carries no key. Where the key to come decides the workspace it is let through: the request itself is
 * judged all the same.
 */
async function admitPreflight(request: FastifyRequest, reply: FastifyReply, parts: CaptureParts): Promise<void> {
  const host = hostOf(request)
  if (announcesKey(request) && labelOfHost(host, parts.baseDomain) === undefined) return
  const { workspace } = await parts.identify({ host, apiKey: undefined })
  admitOrigin(request, reply, workspace)
}

function idempotencyKeyOf({ raw }: FastifyRequest): string | undefined {
  const [key, ...others] = raw.headersDistinct['idempotency-key'] ?? []
  if (others.length > 0) throw new AppError('invalid_idempotency_key', 'One Idempotency-Key is expected.')
  return key
}
