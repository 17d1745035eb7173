import type { Span } from '@opentelemetry/api'
import type { Batcher } from '../../platform/batcher.ts'
import { failSpan, inSpan, isTracing, startSpan, startSpanBelow } from '../../platform/tracing/tracing.ts'
import type { CaptureResult, PreparedCapture } from './prepared-capture.ts'

type Writer = Batcher<PreparedCapture, CaptureResult>

/**
 * Gives each capture a span, from its wait for a batch to its commit. Many traces meet in a batch, so the batch is a
 * trace of its own: it links to the spans of its captures, and they to it. While tracing is off, it returns the writer.
 */
export function withCaptureSpans(writer: Writer): Writer {
  if (!isTracing()) return writer
  return {
    add: async (record) => {
      const span = startSpan('capture.commit')
      const result = await endWith(span, () => writer.add({ ...record, span }))
      return result
    },
    idle: () => writer.idle(),
    get waiting() {
      return writer.waiting
    },
  }
}

/** Runs the writing of a batch in a span of its own. */
export function inBatchSpan<Result>(
  records: readonly PreparedCapture[],
  write: () => Promise<Result>,
): Promise<Result> {
  if (!isTracing()) return write()
  const captures = records.flatMap((record) => record.span ?? [])
  const links = captures.map((span) => ({ context: span.spanContext() }))
  const attributes = { 'rex.batch.size': records.length }
  const batch = startSpanBelow(undefined, 'capture.batch', { links, attributes })
  if (batch !== undefined) for (const span of captures) span.addLink({ context: batch.spanContext() })
  return endWith(batch, () => inSpan(batch, write))
}

async function endWith<Result>(span: Span | undefined, work: () => Promise<Result>): Promise<Result> {
  try {
    const result = await work()
    span?.end()
    return result
  } catch (error) {
    failSpan(span, error instanceof Error ? error.name : 'Error')
    throw error
  }
}
