import { watchStopSignals } from './stop-signals.ts'

/**
 * Serves. The rest is loaded after the signal handlers are installed: loading takes most of the first second, and a
 * signal may arrive in it.
 */
export async function startServing(parameters: readonly string[]): Promise<void> {
  const signals = watchStopSignals()
  const { runService } = await import('./run.ts')
  await runService(async () => (await import('./serve.ts')).serve(signals), parameters)
}
