import type { Config } from '../../config/config.ts'

type TraceProtocol = NonNullable<Config['traceProtocol']>

/** Parts of the optional packages. */
export type Sdk = Awaited<ReturnType<typeof importSdk>>

/** Packages that are not installed. */
interface MissingSdk {
  readonly missing: string
  /** Command that installs it. */
  readonly install: string
}

/** Loads the packages of OpenTelemetry, which are optional dependencies: nothing of them is loaded while tracing is off. */
export async function loadSdk(protocol: TraceProtocol): Promise<Sdk | MissingSdk> {
  try {
    return await importSdk(protocol)
  } catch (error) {
    const missing = missingPackageOf(error)
    if (missing === undefined) throw error
    return { missing, install: 'npm install --include=optional' }
  }
}

async function importSdk(protocol: TraceProtocol) {
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks')
  const { BasicTracerProvider, BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-base')
  const resources = await import('@opentelemetry/resources')
  const { OTLPTraceExporter } = await importExporter(protocol)
  return { AsyncLocalStorageContextManager, BasicTracerProvider, BatchSpanProcessor, OTLPTraceExporter, resources }
}

function importExporter(protocol: TraceProtocol) {
  return protocol === 'http/json'
    ? import('@opentelemetry/exporter-trace-otlp-http')
    : import('@opentelemetry/exporter-trace-otlp-proto')
}

/** Returns the package that an import did not find. */
function missingPackageOf(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) return undefined
  return /'(@opentelemetry\/[\w-]+)'/.exec(error.message)?.[1]
}
