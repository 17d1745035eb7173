import { isSpanContextValid, type SpanContext, TraceFlags } from '@opentelemetry/api'

/** Length of the header in version 00, the only one that is read. */
const headerLength = 55
const form = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/**
 * Parses a `traceparent` (W3C Trace Context, level 1). Undefined for anything else: a header of another length, such as
 * one that was sent several times, is not looked at.
 */
export function parseTraceparent(header: unknown): SpanContext | undefined {
  if (typeof header !== 'string' || header.length !== headerLength) return undefined
  const [, traceId, spanId, flags] = form.exec(header) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  const sent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true }
  return isSpanContextValid(sent) ? sent : undefined
}

export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`
}
