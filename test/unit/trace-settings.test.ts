import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config/config.ts'

const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://collector:4318'

describe('the settings of OpenTelemetry', () => {
  it.each([
    [{}, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT }, 'http/protobuf'],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, 'http/protobuf'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, 'http/protobuf'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, 'http/json'],
    [
      {
        ...{ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
      },
      'http/protobuf',
    ],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }, undefined],
  ] as const)('%j: traces are sent by %s', (environment, protocol) => {
    expect(readConfig(environment).traceProtocol).toBe(protocol)
  })

  it('name a protocol and an exporter that are not there', () => {
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_TRACES_EXPORTER: 'zipkin',
    }
    expect(() => readConfig(environment)).toThrow(/OTEL_EXPORTER_OTLP_PROTOCOL: .*\n.*OTEL_TRACES_EXPORTER: /)
  })
})
