import pino from 'pino'
import { createLineSampling, type LeftOutLines } from './line-sampling.ts'

export type Log = pino.Logger

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

interface LogOptions {
  /** Equal lines of a second that are written; 0: all. The others are counted in a line `log.left_out`. */
  readonly linesPerSecond?: number
  /** Returns fields that each line gets, such as `trace_id`, when the line is written. */
  readonly fields?: () => Readonly<Record<string, unknown>>
}

/**
 * Creates the log: JSON lines on stdout, one wide line per unit of work: `log.info({ event_id, … },
 * 'delivery.attempted')`. It holds ids, never e-mails, bodies or keys. Of an error it holds name, code and stack, since
 * PostgreSQL's detail quotes rows.
 */
export function createLog(
  level: LogLevel,
  destination: pino.DestinationStream = stdoutInBatches(),
  { linesPerSecond = 0, fields }: LogOptions = {},
): Log {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
    ...(fields && { mixin: fields }),
    ...(linesPerSecond > 0 && {
      hooks: { logMethod: createSampledMethod(linesPerSecond, (line) => report(log, line)) },
    }),
  }
  const log = pino(options, destination)
  return log
}

/** Leaves equal lines above the limit out, and counts them. */
function createSampledMethod(
  linesPerSecond: number,
  report: (leftOut: LeftOutLines) => void,
): NonNullable<NonNullable<pino.LoggerOptions['hooks']>['logMethod']> {
  const { admit, flush } = createLineSampling(linesPerSecond, report)
  // Before the destination writes what it still holds.
  process.prependOnceListener('exit', flush)
  return function write(args, method, level) {
    const [first, second] = args
    const event = typeof first === 'string' ? first : String(second)
    if (admit(level, event)) method.apply(this, args)
  }
}

function report(log: Log, { event, level, count }: LeftOutLines): void {
  const label = pino.levels.labels[level] ?? 'info'
  log.warn({ line: event, line_level: label, count }, 'log.left_out')
}

/** Writes all lines of one turn of the event loop at once; the rest is written when the process exits. */
function stdoutInBatches(): pino.DestinationStream {
  return withoutFailures(pino.destination({ dest: 1, sync: false }))
}

/** Bytes that the system writes to a pipe in one piece (PIPE_BUF). */
const pieceBytes = 4096

/** Writes to the stdout that several processes share, in pieces that do not mix with those of the others. */
export function sharedStdout(): pino.DestinationStream {
  return withoutFailures(pino.destination({ dest: 1, sync: false, maxWrite: pieceBytes }))
}

/** Keeps a failed write, as on a full disk, from ending the process: the next line tries again. */
function withoutFailures(destination: ReturnType<typeof pino.destination>): pino.DestinationStream {
  return destination.on('error', () => {})
}

const emails = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g

/**
 * Describes an error for the log, without the message of a database or network error, which quotes rows and URLs, and
 * without e-mails in the message of a bug.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '))
  return {
    name: error.name,
    ...(code && { code }),
    ...(!code && { message: error.message.replaceAll(emails, '[e-mail]') }),
    stack: frames.slice(0, 8).join('\n'),
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  }
}
