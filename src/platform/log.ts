import pino from 'pino'

export type Log = pino.Logger

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/**
 * Creates the log: JSON lines on stdout, one wide line per unit of work: `log.info({ event_id, … },
 * 'delivery.attempted')`. It holds ids, never e-mails, bodies or keys. Of an error it holds name, code and stack, since
 * PostgreSQL's detail quotes rows.
 */
export function createLog(level: LogLevel, destination: pino.DestinationStream = stdoutInBatches()): Log {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
  }
  return pino(options, destination)
}

/** Writes all lines of one turn of the event loop at once; the rest is written when the process exits. */
function stdoutInBatches(): pino.DestinationStream {
  return pino.destination({ dest: 1, sync: false })
}

/** What the system writes to a pipe in one piece (PIPE_BUF). */
const pieceBytes = 4096

/** Writes to the stdout that several processes share, in pieces that do not mix with those of the others. */
export function sharedStdout(): pino.DestinationStream {
  return pino.destination({ dest: 1, sync: false, maxWrite: pieceBytes })
}

/** Describes an error for the log, without the message of a database or network error, which quotes rows and URLs. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '))
  return {
    name: error.name,
    ...(code && { code }),
    ...(!code && { message: error.message }),
    stack: frames.slice(0, 8).join('\n'),
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  }
}
