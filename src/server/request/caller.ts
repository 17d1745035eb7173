import type { FastifyRequest } from 'fastify'
import type { Scope } from '../../generated/prisma/enums.ts'
import type { Identify, Identity } from '../../workspaces/identify.ts'
import { sentKeyOf, unauthenticated } from '../../workspaces/sent-key.ts'
import { requireScope, type Viewer } from '../../workspaces/viewer.ts'

/** Returns the workspace and viewer of a request, by its host and its key. */
export async function identityOf(request: FastifyRequest, identify: Identify): Promise<Identity> {
  const { host, network } = request.requestOrigin
  return identify({ host, network, apiKey: sentKeyOf(request.raw) })
}

/** Returns the viewer behind a request that needs a key. @throws AppError `unauthenticated` */
export async function authenticate(request: FastifyRequest, identify: Identify): Promise<Viewer> {
  const { viewer } = await identityOf(request, identify)
  if (viewer === undefined) throw unauthenticated()
  return viewer
}

/** The same for a request that needs a scope. @throws AppError `unauthenticated`, `insufficient_scope` */
export async function viewerOf(request: FastifyRequest, identify: Identify, scope: Scope): Promise<Viewer> {
  const viewer = await authenticate(request, identify)
  requireScope(viewer, scope)
  return viewer
}
