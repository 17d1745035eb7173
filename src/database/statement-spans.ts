import { type Span, SpanKind } from '@opentelemetry/api'
import { failSpan, isInSpan, startSpan } from '../platform/tracing/tracing.ts'
import { sqlState } from './database.ts'

/**
 * Starts the span of a statement, named as the statement, or `composed` for one that is put together from parts. Its text
 * and its values are not in it. Undefined outside of a span: the polls of the readers would each be a trace of their own.
 */
export function startStatementSpan(name: string): Span | undefined {
  if (!isInSpan()) return undefined
  const summary = name === '' ? 'composed' : name
  const attributes = { 'db.system.name': 'postgresql', 'db.query.summary': summary }
  return startSpan(summary, { kind: SpanKind.CLIENT, attributes })
}

/** Ends the span of a statement that failed. */
export function failStatementSpan(span: Span, error: unknown): void {
  failSpan(span, sqlState(error) ?? 'Error')
}
