import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Database } from '../../database/database.ts'
import { AppError } from '../../platform/errors.ts'
import { withTimeout } from '../../platform/timeout.ts'
import { isFromOwnPage } from '../../server/request/own-page.ts'
import { cookieOf, expiredCookie, sessionTokenOf } from '../../server/request/session-cookie.ts'
import type { Access } from '../../workspaces/access.ts'
import type { Identify } from '../../workspaces/identify.ts'
import type { KeyRate } from '../../workspaces/key-rate-limit.ts'
import { unauthenticated } from '../../workspaces/sent-key.ts'
import { type CreatedSession, endSessionOf, sessionDays } from '../../workspaces/sessions/sessions.ts'
import type { SignIn } from '../../workspaces/sessions/sign-in.ts'
import { validateFields } from '../validate.ts'
import { readJson } from '../viewer-request.ts'
import { newSession } from './session-body.ts'

interface SessionParts {
  readonly config: { readonly publicUrl: string | undefined }
  readonly database: Database
  readonly identify: Identify
  readonly keyRate: KeyRate
  readonly access: Access
  readonly signIn: SignIn
}

const path = '/session'

/** Signs a browser in and out. */
export function addSession(app: FastifyInstance, parts: SessionParts): void {
  const { database, access, config } = parts
  app.post(path, (request, reply) => withTimeout(signIn(request, reply, parts)))

  app.delete(path, async (request, reply) => {
    const token = sessionTokenOf(request, request.requestOrigin, config.publicUrl)
    if (token === undefined) throw unauthenticated()
    await withTimeout(endSessionOf(database, access, token))
    return reply
      .code(204)
      .header('set-cookie', expiredCookie(isSecure(request)))
      .send()
  })
}

async function signIn(request: FastifyRequest, reply: FastifyReply, parts: SessionParts): Promise<FastifyReply> {
  refuseOtherPages(request, parts)
  const created = await createSession(request, parts)
  const { id, token, createdAt, expiresAt } = created
  const data = { id, created_at: createdAt.toISOString(), expires_at: expiresAt.toISOString() }
  const cookie = cookieOf(token, { days: sessionDays, isSecure: isSecure(request) })
  return reply.code(201).header('set-cookie', cookie).send({ data })
}

/** The session is new in any case: a cookie that was there before is never made good. */
async function createSession(
  request: FastifyRequest,
  { identify, keyRate, signIn }: SessionParts,
): Promise<CreatedSession> {
  const { token, api_key: apiKey } = validateFields(newSession, readJson(request))
  const { host, network } = request.requestOrigin
  const { 'user-agent': userAgent } = request.headers
  if (token !== undefined) return signIn.withLink({ token, network, userAgent })
  const { viewer } = await identify({ host, network, apiKey })
  if (viewer === undefined) throw unauthenticated()
  await keyRate.spend(viewer, 1)
  return signIn.withKey(viewer, userAgent)
}

/** A page of another origin must not sign a person in as somebody else. A caller that is no browser sends neither header. */
function refuseOtherPages({ headers, requestOrigin }: FastifyRequest, { config }: SessionParts): void {
  const isBrowser = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
  if (isBrowser && !isFromOwnPage(headers, requestOrigin, config.publicUrl))
    throw new AppError('origin_not_allowed', 'Pages of this origin may not sign in.')
}

/** A proxy that is not trusted may speak TLS for us: then the page says so. */
function isSecure({ headers: { origin = '' }, requestOrigin }: FastifyRequest): boolean {
  return requestOrigin.protocol === 'https' || origin.startsWith('https:')
}
