import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../../../platform/errors.ts'
import { graphqlPath } from '../../../server/mounted-graphql.ts'
import { checkBodyType } from '../../../server/request/body.ts'
import { authenticate } from '../../../server/request/caller.ts'
import type { CheckKeylessRate } from '../../../server/request/keyless-rate-limit.ts'
import { inTraceOf } from '../../../server/request-trace.ts'
import { sendCached } from '../../../server/response/cached-response.ts'
import type { Viewer } from '../../../workspaces/viewer.ts'
import { graphiqlHeaders, graphiqlPage } from '../../graphiql/page.ts'
import type { Surface } from '../dependencies.ts'
import { allowPage, isPageAllowed, preflightHeaders } from '../page-origins.ts'
import { executeRequest } from './execute-request.ts'
import { sendError } from './http-errors.ts'

const maxBodyBytes = 256 * 1024
const viewerProperty = 'graphqlViewer'

/** Adds queries, mutations and SSE at /graphql, and GraphiQL for a browser that opens it. */
export function addGraphqlRoutes(scope: FastifyInstance, surface: Surface, checkKeylessRate: CheckKeylessRate): void {
  const { config, log } = surface
  scope.decorateRequest(viewerProperty, null)
  scope.setErrorHandler((error, request, reply) => sendError(log, request, reply, error))
  scope.addHook('onRequest', async (request, reply) => {
    if (!isPageAllowed(request.headers.origin, request.requestOrigin, config))
      throw new AppError('origin_not_allowed', 'Pages of this origin may not use the API.')
    allowPage(request, reply)
  })
  scope.options(graphqlPath, (_request, reply) => reply.code(204).headers(preflightHeaders).send())
  scope.get(graphqlPath, { exposeHeadRoute: false }, async (request, reply) => {
    if (config.isGraphiqlOn && asksForGraphiql(request))
      return sendCached(request, reply.headers(graphiqlHeaders), graphiqlPage, checkKeylessRate)
    return executeInTrace(surface, await viewerOf(surface, request), request, reply)
  })
  const onRequest = async (request: FastifyRequest) => {
    // Before anything of the body is read.
    request.setDecorator(viewerProperty, await viewerOf(surface, request))
    // JSON alone: a form of another site could send anything else, and make a person mutate unawares.
    checkBodyType(request, ['application/json'])
  }
  scope.post(graphqlPath, { bodyLimit: maxBodyBytes, onRequest }, async (request, reply) =>
    executeInTrace(surface, await recheckViewer(surface, request), request, reply),
  )
}

function executeInTrace(...parameters: Parameters<typeof executeRequest>): ReturnType<typeof executeRequest> {
  const [, , request] = parameters
  return inTraceOf(request, 'caller', () => executeRequest(...parameters))
}

function viewerOf(surface: Surface, request: FastifyRequest): Promise<Viewer> {
  return surface.whileAnswering(authenticate(request, surface))
}

/** Looks the key up again if its look-up is old: it may have been revoked while the body arrived. */
async function recheckViewer(surface: Surface, request: FastifyRequest): Promise<Viewer> {
  const viewer = request.getDecorator<Viewer>(viewerProperty)
  return surface.viewers.isFresh(viewer) ? viewer : viewerOf(surface, request)
}

function asksForGraphiql({ headers, url }: FastifyRequest): boolean {
  return (headers.accept ?? '').includes('text/html') && !/[?&]query=/.test(url)
}
