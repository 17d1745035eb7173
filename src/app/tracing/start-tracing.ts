import { context, DiagLogLevel, diag, trace } from '@opentelemetry/api'
import type { Config } from '../../config/config.ts'
import type { Log } from '../../platform/log.ts'
import type { ShutdownHooks } from '../../platform/shutdown.ts'
import { setTracer } from '../../platform/tracing/tracing.ts'
import { version } from '../../platform/version.ts'
import { loadSdk, type Sdk } from './sdk.ts'

/** Links of a span; a batch of captures links to each of them. */
const maxLinks = 256

/**
 * Turns tracing on when the settings ask for it. Without the packages of the SDK it is off, and the log says so: a
 * missing package must not cost leads.
 */
export async function startTracing(
  { traceProtocol }: Config,
  { log, shutdown }: { readonly log: Log; readonly shutdown: ShutdownHooks },
): Promise<void> {
  if (traceProtocol === undefined) return
  const sdk = await loadSdk(traceProtocol)
  if ('missing' in sdk) return log.error({ missing: sdk.missing, install: sdk.install }, 'tracing.not_installed')
  diag.setLogger(reportTo(log), DiagLogLevel.ERROR)
  const provider = createProvider(sdk)
  context.setGlobalContextManager(new sdk.AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(provider)
  setTracer(trace.getTracer('rex', version()))
  shutdown.add('disconnect', 'traces', async () => {
    setTracer(undefined)
    await provider.shutdown()
    trace.disable()
    context.disable()
    diag.disable()
  })
  log.info({ protocol: traceProtocol }, 'tracing.started')
}

/** The SDK and the exporter read the other OTEL_* variables themselves. */
function createProvider({ BasicTracerProvider, BatchSpanProcessor, OTLPTraceExporter, resources }: Sdk) {
  const { resourceFromAttributes, detectResources, envDetector, defaultResource } = resources
  const own = resourceFromAttributes({ 'service.name': 'rex', 'service.version': version() })
  const resource = defaultResource()
    .merge(own)
    .merge(detectResources({ detectors: [envDetector] }))
  const spanProcessors = [new BatchSpanProcessor(new OTLPTraceExporter())]
  return new BasicTracerProvider({ resource, spanProcessors, spanLimits: { linkCountLimit: maxLinks } })
}

/** Reports that the SDK has a problem, such as a collector that is away. Its texts may quote anything, so they are left out. */
function reportTo(log: Log) {
  const ignore = () => {}
  return { error: () => log.warn('tracing.failed'), warn: ignore, info: ignore, debug: ignore, verbose: ignore }
}
