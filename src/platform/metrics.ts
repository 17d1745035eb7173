import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** Completed request; `route` is the pattern, never the path, so that the number of series stays small. */
interface HttpResponse {
  readonly method: string
  readonly route: string
  readonly status: number
  readonly durationMs: number
}

/** Metrics of `/metrics`; each app has its own registry, to which its parts may add. */
export interface Metrics {
  readonly registry: Registry
  countResponse(answer: HttpResponse): void
}

const durationBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Counter({
    name: 'rex_http_requests_total',
    help: 'HTTP requests that were answered.',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  })
  const durations = new Histogram({
    name: 'rex_http_request_duration_seconds',
    help: 'From the head of a request to the end of its response.',
    labelNames: ['method', 'route'],
    buckets: durationBucketsSeconds,
    registers: [registry],
  })
  return {
    registry,
    countResponse: ({ method, route, status, durationMs }) => {
      requests.inc({ method, route, status })
      durations.observe({ method, route }, durationMs / 1000)
    },
  }
}
