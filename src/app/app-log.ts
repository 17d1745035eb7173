import type { Config } from '../config/config.ts'
import { createLog, type Log } from '../platform/log.ts'
import { traceFields } from '../platform/tracing/tracing.ts'

/** Creates the log of a running service. Equal lines are limited, those of a command are not; a line in a span names its trace. */
export function createAppLog(
  { logLevel, logRate, traceProtocol }: Config,
  destination?: Parameters<typeof createLog>[1],
): Log {
  const fields = traceProtocol === undefined ? {} : { fields: () => traceFields() }
  return createLog(logLevel, destination, { linesPerSecond: logRate, ...fields })
}
