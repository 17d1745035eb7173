import type { FastifyRequest } from 'fastify'
import type { Scope } from '../generated/prisma/enums.ts'
import { networkOf } from '../platform/client-network.ts'
import type { Identify, Identity } from '../workspaces/identify.ts'
import { sentKeyOf, unauthenticated } from '../workspaces/sent-key.ts'
import { requireScope, type Viewer } from '../workspaces/viewer.ts'
import { hostOf } from './host.ts'

/** Whom a request speaks for, by its host and its key. */
export async function identityOf(request: FastifyRequest, identify: Identify): Promise<Identity> {
  return identify({ host: hostOf(request), apiKey: sentKeyOf(request.raw), network: callerNetworkOf(request) })
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
