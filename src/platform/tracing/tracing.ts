import {
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { formatTraceparent } from './traceparent.ts'

/** The tracer of this process; undefined while tracing is off, which is all that is looked at then. */
let tracer: Tracer | undefined

/** Turns tracing on, or off with undefined. It is called once, before anything is served. */
export function setTracer(given: Tracer | undefined): void {
  tracer = given
}

/** Whether spans are made. */
export function isTracing(): boolean {
  return tracer !== undefined
}

/** Starts a span below the current one. Undefined while tracing is off. */
export function startSpan(name: string, options?: SpanOptions): Span | undefined {
  return tracer?.startSpan(name, options)
}

/** Starts a span below a given one, which may be of another process, or at the root of a new trace. */
export function startSpanBelow(parent: SpanContext | undefined, name: string, options?: SpanOptions): Span | undefined {
  return tracer?.startSpan(name, options, parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT)
}

/** Runs work in which a span is the current one. */
export function inSpan<Result>(span: Span | undefined, work: () => Result): Result {
  return span === undefined ? work() : context.with(trace.setSpan(ROOT_CONTEXT, span), work)
}

/** Whether there is a current span. */
export function isInSpan(): boolean {
  return tracer !== undefined && trace.getActiveSpan() !== undefined
}

/** Returns the current span as a `traceparent`; null outside of one, and while tracing is off. */
export function currentTraceparent(): string | null {
  if (tracer === undefined) return null
  const span = trace.getActiveSpan()
  return span === undefined ? null : formatTraceparent(span.spanContext())
}

/** Fields of a log line that is written in a span. */
export function traceFields(span = trace.getActiveSpan()): { readonly trace_id?: string } {
  return span === undefined ? {} : { trace_id: span.spanContext().traceId }
}

/** Ends a span as failed. Its message would quote what people sent; the code or the name of the error does not. */
export function failSpan(span: Span | undefined, type: string): void {
  span?.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR }).end()
}
