import type { FastifyInstance } from 'fastify'
import type { Log } from '../platform/log.ts'
import type { Metrics } from '../platform/metrics.ts'
import { quietRoutes } from './quiet-routes.ts'
import { traceFieldsOf } from './request-trace.ts'

/** Writes one wide line and one count per response: the route's pattern, never the path, which may hold anything. */
export function logRequests(
  app: FastifyInstance,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request
    const route = request.routeOptions.url ?? 'none'
    const { statusCode: status, elapsedTime: durationMs } = reply
    const ids = { request_id: request.id, ...traceFieldsOf(request) }
    const line = { ...ids, method, route, status, duration_ms: Math.round(durationMs * 10) / 10 }
    log[quietRoutes.has(route) ? 'debug' : 'info'](line, 'http.answered')
    metrics.countResponse({ method, route, status, durationMs })
    done()
  })
}
