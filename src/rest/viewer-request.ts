import type { FastifyRequest } from 'fastify'
import type { Scope } from '../generated/prisma/enums.ts'
import { type Noun, nounOfId } from '../platform/ids.ts'
import { withTimeout } from '../platform/timeout.ts'
import { bodyReader, bytesOf, jsonOnly } from '../server/request/body.ts'
import { type CallerParts, viewerOf } from '../server/request/caller.ts'
import { inTraceOf } from '../server/request-trace.ts'
import type { KeyRate } from '../workspaces/key-rate-limit.ts'
import { requireScope, type Viewer } from '../workspaces/viewer.ts'

/** Parts that routes for callers with a key need. */
export interface ViewerParts extends CallerParts {
  readonly keyRate: KeyRate
}

/** Request with an id in its path. */
export type ById = { Params: { id: string } }

/** Runs the work of a request with its viewer. @throws AppError `unauthenticated`, `insufficient_scope`, `rate_limited` */
type AsViewer = <Result>(
  request: FastifyRequest,
  scopes: readonly [Scope, ...Scope[]],
  work: (viewer: Viewer) => Promise<Result>,
) => Promise<Result>

/** Returns the function that admits callers whose key has all the scopes. */
export function admittingViewers(parts: ViewerParts): AsViewer {
  return (request, scopes, work) =>
    withTimeout(admit(request, scopes, parts).then((viewer) => inTraceOf(request, 'caller', () => work(viewer))))
}

async function admit(
  request: FastifyRequest,
  [first, ...others]: readonly [Scope, ...Scope[]],
  parts: ViewerParts,
): Promise<Viewer> {
  const viewer = await viewerOf(request, parts, first)
  await parts.keyRate.spend(viewer, 1)
  for (const scope of others) requireScope(viewer, scope)
  return viewer
}

/** Reads the body of a call that needs none; without one it is an empty object. */
export function readOptionalJson(request: FastifyRequest): unknown {
  return bytesOf(request).length === 0 ? {} : readJson(request)
}

/** @throws AppError `unsupported_media_type`, `unsupported_encoding`, `invalid_json`, `invalid_encoding` */
export function readJson(request: FastifyRequest): unknown {
  return bodyReader(request, jsonOnly)()
}

/** Returns the id in the path; undefined for anything but an id of the noun, which never reaches the database. */
export function idInPath({ params }: FastifyRequest<ById>, noun: Noun): string | undefined {
  return nounOfId(params.id) === noun ? params.id : undefined
}
