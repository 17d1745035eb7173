import { watchStopSignals } from './stop-signals.ts'

/** Serves. All else is loaded once signals are watched: it takes most of the first second, in which one may come. */
export async function startServing(parameters: readonly string[]): Promise<void> {
  const signals = watchStopSignals()
  const { runCommand } = await import('./run.ts')
  await runCommand(async () => (await import('./serve.ts')).serve(signals), parameters)
}
