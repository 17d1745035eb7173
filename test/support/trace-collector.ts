import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { eventually } from './eventually.ts'

const attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })
const spanSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: z.array(attribute).default([]),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).default([]),
})
const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attribute) }),
      scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })),
    }),
  ),
})

export type CollectedSpan = z.infer<typeof spanSchema>

/** An OpenTelemetry collector: takes OTLP over HTTP, in JSON. */
export interface TraceCollector {
  /** Base URL, for OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string
  readonly spans: CollectedSpan[]
  /** What was sent, as text. */
  text(): string
  serviceNames(): string[]
  /** Waits for a span, and returns it. */
  spanOf(wanted: (span: CollectedSpan) => boolean): Promise<CollectedSpan>
  stop(): Promise<void>
}

export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: CollectedSpan[] = []
  const bodies: string[] = []
  const names: string[] = []
  const server = createServer(async (request, response) => {
    const body = await readBody(request)
    bodies.push(body)
    const { resourceSpans } = exported.parse(JSON.parse(body))
    for (const { resource, scopeSpans } of resourceSpans) {
      names.push(textOf(resource, 'service.name') ?? '')
      spans.push(...scopeSpans.flatMap((scope) => scope.spans))
    }
    response.setHeader('content-type', 'application/json').end('{}')
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    text: () => bodies.join('\n'),
    serviceNames: () => names,
    spanOf: async (wanted) => {
      await eventually(
        () => spans.some(wanted),
        () => `these spans: ${spans.map(({ name }) => name).join(', ')}`,
      )
      return spans.find(wanted)!
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Returns an attribute of a span, as text. */
export function textOf({ attributes }: Pick<CollectedSpan, 'attributes'>, key: string): string | undefined {
  const value = attributes.find((each) => each.key === key)?.value
  return value === undefined ? undefined : String(Object.values(value)[0])
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
