import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError, unavailable } from '../platform/errors.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { Peers } from '../platform/peers.ts'
import type { Readiness } from '../server/readiness.ts'
import { isOwnMachine } from '../server/request/loopback.ts'
import { hashKey } from '../workspaces/key.ts'
import { bearerOf, oneKeyOf } from '../workspaces/sent-key.ts'

interface HealthParts {
  readonly readiness: Readiness
  readonly metrics: Metrics
  readonly metricsToken: string | undefined
  readonly peers: Peers | undefined
}

/** Adds the routes for load balancers, orchestrators and Prometheus. */
export function addHealth(app: FastifyInstance, { readiness, metrics, metricsToken, peers }: HealthParts): void {
  app.get('/healthz', async () => ({ data: { status: 'ok' } }))

  app.get('/readyz', async () => {
    const problems = await readiness.problems()
    if (Object.keys(problems).length > 0) throw unavailable(undefined, problems)
    const checks = await readiness.problemsBeside()
    return { data: { status: 'ok', ...(Object.keys(checks).length > 0 && { checks }) } }
  })

  app.get('/metrics', async (request, reply) => {
    if (!mayReadMetrics(request, metricsToken)) throw metricsRefused()
    return reply.type(metrics.registry.contentType).send(await (peers ?? metrics.registry).metrics())
  })
}

/** A bearer token that is sent must be the right one; without one this machine alone may read. */
function mayReadMetrics({ raw }: FastifyRequest, token: string | undefined): boolean {
  const sent = oneKeyOf((raw.headersDistinct['authorization'] ?? []).map(bearerOf))
  if (sent === undefined) return isOwnMachine(raw)
  return token !== undefined && timingSafeEqual(digest(sent), digest(token))
}

/** Hashes a token: comparing hashes does not reveal even its length. */
function digest(text: string): Buffer {
  return Buffer.from(hashKey(text), 'hex')
}

function metricsRefused(): AppError {
  return new AppError('unauthenticated', 'Metrics are for this machine, and for whoever sends REX_METRICS_TOKEN.')
}
