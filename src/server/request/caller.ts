import type { FastifyRequest } from 'fastify'
import type { Scope } from '../../generated/prisma/enums.ts'
import type { Identify, Identity } from '../../workspaces/identify.ts'
import { sentKeyOf, unauthenticated } from '../../workspaces/sent-key.ts'
import { requireScope, type Viewer } from '../../workspaces/viewer.ts'
import { sessionTokenOf } from './session-cookie.ts'

const viewers = new WeakMap<FastifyRequest, Viewer>()

/** Returns the viewer of a request that was recognized before. */
export function knownViewer(request: FastifyRequest): Viewer | undefined {
  return viewers.get(request)
}

/** Returns the workspace and viewer of a request, by its host and its key. A session does not count. */
export async function identityOf(request: FastifyRequest, identify: Identify): Promise<Identity> {
  const { host, network } = request.requestOrigin
  const identity = await identify({ host, network, apiKey: sentKeyOf(request.raw) })
  if (identity.viewer !== undefined) viewers.set(request, identity.viewer)
  return identity
}

/** Parts that recognize callers. */
export interface CallerParts {
  readonly identify: Identify
  readonly config: { readonly publicUrl: string | undefined }
}

/** Returns the viewer behind a request, by its key, else by its session. @throws AppError `unauthenticated` */
export async function authenticate(request: FastifyRequest, { identify, config }: CallerParts): Promise<Viewer> {
  const { requestOrigin: reached } = request
  const apiKey = sentKeyOf(request.raw)
  const sessionToken = sessionTokenOf(request, reached, config.publicUrl)
  const { viewer } = await identify({ host: reached.host, network: reached.network, apiKey, sessionToken })
  if (viewer === undefined) throw unauthenticated()
  viewers.set(request, viewer)
  return viewer
}

/** The same for a request that needs a scope. @throws AppError `unauthenticated`, `insufficient_scope` */
export async function viewerOf(request: FastifyRequest, parts: CallerParts, scope: Scope): Promise<Viewer> {
  const viewer = await authenticate(request, parts)
  requireScope(viewer, scope)
  return viewer
}
