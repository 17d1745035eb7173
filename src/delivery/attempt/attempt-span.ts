import { type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { formatTraceparent, parseTraceparent } from '../../platform/tracing/traceparent.ts'
import { failSpan, isTracing, startSpanBelow } from '../../platform/tracing/tracing.ts'
import type { LeasedDelivery } from '../queue/leased-delivery.ts'
import type { AttemptRequest, AttemptResult, Outcome, Sender } from './attempt.ts'

/**
 * Sends a request in a span, which belongs to the trace of its event and which the receiver continues: it is the
 * `traceparent` of the request. That header is not signed. While tracing is off, it only sends.
 */
export async function inAttemptSpan(
  delivery: LeasedDelivery,
  request: AttemptRequest,
  send: Sender['attempt'],
): Promise<AttemptResult> {
  const span = isTracing() ? startAttemptSpan(delivery) : undefined
  if (span === undefined) return send(request)
  const traceparent = formatTraceparent(span.spanContext())
  try {
    const result = await send({ ...request, headers: { ...request.headers, traceparent } })
    endAttemptSpan(span, result.outcome)
    return { ...result, traceId: span.spanContext().traceId }
  } catch (error) {
    failSpan(span, request.signal?.aborted ? 'interrupted' : 'Error')
    throw error
  }
}

function startAttemptSpan(delivery: LeasedDelivery): Span | undefined {
  const attributes = {
    'rex.workspace_id': delivery.workspaceId,
    'rex.event_id': delivery.eventId,
    'rex.delivery_id': delivery.id,
    'rex.endpoint_id': delivery.endpointId,
    'rex.attempt': delivery.attemptCount + 1,
    'http.request.method': 'POST',
  }
  const parent = parseTraceparent(delivery.event?.traceparent)
  return startSpanBelow(parent, 'delivery.attempt', { kind: SpanKind.CLIENT, attributes })
}

function endAttemptSpan(span: Span, outcome: Outcome): void {
  span.setAttribute('rex.outcome', outcome.kind)
  if (outcome.kind !== 'unreachable') span.setAttribute('http.response.status_code', outcome.status)
  if (outcome.kind !== 'accepted')
    span.setAttribute('error.type', outcome.error).setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}
