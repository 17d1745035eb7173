import { type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parseTraceparent } from '../platform/tracing/traceparent.ts'
import { inSpan, isTracing, startSpanBelow, traceFields } from '../platform/tracing/tracing.ts'
import { quietRoutes } from './quiet-routes.ts'

const arrivals = new WeakMap<FastifyRequest, number>()
const spans = new WeakMap<FastifyRequest, Span>()

/** Makes a span of each request. While tracing is off, it adds nothing to the server. */
export function traceRequests(app: FastifyInstance): void {
  if (!isTracing()) return
  app.addHook('onRequest', (request, _reply, done) => {
    arrivals.set(request, Date.now())
    done()
  })
  app.addHook('onResponse', (request, { statusCode }, done) => {
    if (!quietRoutes.has(routeOf(request))) endRequestSpan(spanOf(request, 'stranger'), statusCode)
    done()
  })
}

/** Sender of a request: only a caller with a key, or a session, decides about our traces. */
type Sender = 'caller' | 'stranger'

/**
 * Runs the work of a request in its span. The span begins with the request, and is made here, because the trace of a
 * known caller is continued, and that of a stranger only linked.
 */
export function inTraceOf<Result>(request: FastifyRequest, sender: Sender, work: () => Result): Result {
  return isTracing() ? inSpan(spanOf(request, sender), work) : work()
}

/** Returns the trace of a request for the log, if it has one. */
export function traceFieldsOf(request: FastifyRequest): { readonly trace_id?: string } {
  return isTracing() ? traceFields(spans.get(request)) : {}
}

function spanOf(request: FastifyRequest, sender: Sender): Span | undefined {
  const span = spans.get(request) ?? startRequestSpan(request, sender)
  if (span !== undefined) spans.set(request, span)
  return span
}

function startRequestSpan(request: FastifyRequest, sender: Sender): Span | undefined {
  const sent = parseTraceparent(request.headers['traceparent'])
  const route = routeOf(request)
  const startTime = arrivals.get(request) ?? Date.now()
  const attributes = { 'http.request.method': request.method, 'http.route': route, 'rex.request_id': request.id }
  const links = sent !== undefined && sender === 'stranger' ? [{ context: sent }] : []
  const options = { kind: SpanKind.SERVER, startTime, attributes, links }
  return startSpanBelow(sender === 'caller' ? sent : undefined, `${request.method} ${route}`, options)
}

function endRequestSpan(span: Span | undefined, status: number): void {
  if (status >= 500) span?.setAttribute('error.type', String(status)).setStatus({ code: SpanStatusCode.ERROR })
  span?.setAttribute('http.response.status_code', status).end()
}

/** Returns the pattern of the route: the path may hold anything. */
function routeOf({ routeOptions }: FastifyRequest): string {
  return routeOptions.url ?? 'none'
}
