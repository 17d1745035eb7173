import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import type { Scope } from '../generated/prisma/enums.ts'
import { networkOf } from '../reached.ts'
import type { Identify, Identity } from '../workspaces/identify.ts'
import { requireScope, type Viewer } from '../workspaces/viewer.ts'
import { hostOf } from './host.ts'

/** Whom a request speaks for, by its host and its key. */
export async function identityOf(request: FastifyRequest, identify: Identify): Promise<Identity> {
  return identify({ host: hostOf(request), apiKey: apiKeyOf(request.raw), network: callerNetworkOf(request) })
}

/** Who counts as one caller; Fastify has taken from the trusted proxies who it is. */
export function callerNetworkOf(request: FastifyRequest): string {
  return networkOf(request.ip)
}

/** The viewer behind a request that needs a key. @throws AppError `unauthenticated`, `insufficient_scope` */
export async function viewerOf(request: FastifyRequest, identify: Identify, scope: Scope): Promise<Viewer> {
  const { viewer } = await identityOf(request, identify)
  if (viewer === undefined) throw unauthenticated()
  requireScope(viewer, scope)
  return viewer
}

/** The one key of a request. An Authorization that holds no bearer token is a wrong key, not a missing one. */
function apiKeyOf({ headersDistinct }: IncomingMessage): string | undefined {
  const bearers = (headersDistinct['authorization'] ?? []).map(bearerOf)
  const keys = new Set([...(headersDistinct['x-api-key'] ?? []), ...bearers])
  if (keys.size > 1) throw unauthenticated()
  return [...keys][0]
}

/** The token of `Bearer <token>`, spaces within it too; empty, and so no key of anybody, for another scheme. */
export function bearerOf(authorization: string): string {
  return /^bearer +(\S.*)$/i.exec(authorization.trim())?.[1] ?? ''
}

function unauthenticated(): AppError {
  return new AppError('unauthenticated', 'A valid API key is needed: X-Api-Key or Authorization: Bearer.')
}
