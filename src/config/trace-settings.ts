import { z } from 'zod'
import { setting } from './setting.ts'
import { baseUrl, text } from './setting-schemas.ts'

const protocol = z.enum(['http/protobuf', 'http/json'], 'http/protobuf or http/json is expected').optional()

/** Settings of OpenTelemetry that decide whether traces are sent, and how; the SDK reads them and its others by itself. */
export const traceSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: setting(
    '–',
    'base URL of an OpenTelemetry collector; with it, traces are sent; the other OTEL_* variables of the SDK apply, too',
    baseUrl.optional(),
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: setting('–', 'the same for traces alone, with its path', z.url().optional()),
  OTEL_EXPORTER_OTLP_PROTOCOL: setting('http/protobuf', 'http/protobuf or http/json', protocol),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: setting('–', 'the same for traces alone', protocol),
  OTEL_TRACES_EXPORTER: setting(
    '–',
    'otlp: traces are sent, without an endpoint to port 4318 of this machine; none: no traces are sent',
    z.enum(['otlp', 'none'], 'otlp or none is expected').optional(),
  ),
  OTEL_SDK_DISABLED: setting('false', 'true: no traces are sent', text.toLowerCase().optional()),
} as const

type TraceValues = { readonly [Name in keyof typeof traceSettings]: z.output<(typeof traceSettings)[Name]['schema']> }

export type TraceProtocol = NonNullable<z.output<typeof protocol>>

/** Returns the protocol in which traces are sent; undefined when none are. */
export function traceProtocolOf(values: TraceValues): TraceProtocol | undefined {
  const endpoint = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? values.OTEL_EXPORTER_OTLP_ENDPOINT
  const isOff = values.OTEL_SDK_DISABLED === 'true' || values.OTEL_TRACES_EXPORTER === 'none'
  if (isOff || (endpoint === undefined && values.OTEL_TRACES_EXPORTER === undefined)) return undefined
  return values.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? values.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/protobuf'
}
