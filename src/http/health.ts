import { timingSafeEqual } from 'node:crypto'
import { BlockList } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Database } from '../database/database.ts'
import { ping } from '../database/ping.ts'
import { withinDeadline } from '../deadline.ts'
import { AppError, unavailable } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import { hashKey } from '../workspaces/key.ts'
import { bearerOf } from './caller.ts'

const readyWithinMs = 1500

interface HealthParts {
  readonly database: Database
  readonly metrics: Metrics
  readonly metricsToken: string | undefined
  readonly isDraining: () => boolean
}

/** What a load balancer, an orchestrator and Prometheus ask. */
export function addHealth(app: FastifyInstance, { database, metrics, metricsToken, isDraining }: HealthParts): void {
  app.get('/healthz', async () => ({ data: { status: 'ok' } }))

  app.get('/readyz', async () => {
    if (isDraining()) throw unavailable()
    await withinDeadline(ping(database), readyWithinMs).catch((error: unknown) => {
      throw unavailable(error)
    })
    return { data: { status: 'ok' } }
  })

  app.get('/metrics', async (request, reply) => {
    if (!mayReadMetrics(request, metricsToken)) throw metricsRefused()
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
}

/** A token that is sent must be the right one; without one this machine alone may read. */
function mayReadMetrics(request: FastifyRequest, token: string | undefined): boolean {
  const { authorization } = request.headers
  if (authorization === undefined) return isOwnMachine(request)
  return token !== undefined && timingSafeEqual(digest(bearerOf(authorization)), digest(token))
}

/** Hashed, so that comparing tells not even the length. */
function digest(text: string): Buffer {
  return Buffer.from(hashKey(text), 'hex')
}

/** What a proxy on this machine forwards comes from loopback too, but not from this machine. */
function isOwnMachine({ socket, headers }: FastifyRequest): boolean {
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined
  const { remoteAddress = '' } = socket
  return !isForwarded && loopback.check(remoteAddress, remoteAddress.includes(':') ? 'ipv6' : 'ipv4')
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

function metricsRefused(): AppError {
  return new AppError('unauthenticated', 'Metrics are for this machine, and for whoever sends REX_METRICS_TOKEN.')
}
