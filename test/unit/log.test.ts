import { describe, expect, it } from 'vitest'
import { AppError } from '../../src/platform/errors.ts'
import { createLineSampling, type LeftOutLines } from '../../src/platform/line-sampling.ts'
import { createLog, describeError, type LogLevel } from '../../src/platform/log.ts'
import { eventually } from '../support/eventually.ts'

function logTo(level: LogLevel) {
  const lines: string[] = []
  return { lines, log: createLog(level, { write: (line: string) => void lines.push(line) }) }
}

/** As pg throws it: the detail quotes the row. */
function databaseError(): Error {
  const detail = 'Key (workspace_id, email)=(ws_1, jane@example.com) already exists.'
  const message = 'duplicate key value of jane@example.com violates unique constraint'
  return Object.assign(new Error(message), { code: '23505', detail, where: 'jane@example.com' })
}

describe('a line', () => {
  it('is JSON with its event, level, time and ids, and nothing of the machine', () => {
    const { log, lines } = logTo('info')
    log.info({ event_id: 'evt_1', attempt: 2 }, 'delivery.attempted')
    expect(lines).toHaveLength(1)
    const { time, ...line } = JSON.parse(lines[0]!)
    expect(line).toEqual({ level: 'info', event: 'delivery.attempted', event_id: 'evt_1', attempt: 2 })
    expect(new Date(time).toISOString()).toBe(time)
  })

  it('below the level is not written', () => {
    const { log, lines } = logTo('warn')
    log.info({}, 'quiet')
    log.warn({}, 'loud')
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(['loud'])
    const silent = logTo('silent')
    silent.log.fatal({}, 'nobody hears')
    expect(silent.lines).toEqual([])
  })
})

describe('an error in the log', () => {
  it('of the database holds its code and stack, and nothing that quotes a row', () => {
    const { log, lines } = logTo('info')
    log.warn({ err: databaseError() }, 'reader.failed')
    expect(JSON.parse(lines[0]!).err).toMatchObject({
      name: 'Error',
      code: '23505',
      stack: expect.stringMatching(/^ *at /),
    })
    expect(lines[0]).not.toContain('jane')
  })

  it('holds as little of its causes', () => {
    const masked = new AppError('unavailable', 'Try again.', { cause: databaseError() })
    const described = describeError(new Error('the queue is stuck', { cause: masked }))
    expect(described).toMatchObject({
      message: 'the queue is stuck',
      cause: { name: 'AppError', code: 'unavailable', cause: { code: '23505' } },
    })
    expect(JSON.stringify(described)).not.toContain('jane')
  })

  it('without a code is told by its message', () => {
    expect(describeError(new TypeError('x is not a function'))).toMatchObject({
      name: 'TypeError',
      message: 'x is not a function',
    })
  })

  it('without a code has no e-mail in its message', () => {
    const { message } = describeError(new TypeError('cannot read jane.doe@example.com of undefined'))
    expect(message).toBe('cannot read [e-mail] of undefined')
  })

  it('has no stack that quotes a message of several lines', () => {
    const error = Object.assign(new Error('could not insert\njane@example.com'), { code: '22021' })
    expect(JSON.stringify(describeError(error))).not.toContain('jane')
  })

  it.each([['jane@example.com'], [{ email: 'jane@example.com' }], [undefined], [null]])(
    'that is none is told by its type alone: %j',
    (thrown) => {
      expect(describeError(thrown)).toEqual({ name: typeof thrown })
    },
  )
})

describe('equal lines', () => {
  const rate = 20

  function sampled() {
    const lines: string[] = []
    const log = createLog('info', { write: (line: string) => void lines.push(line) }, { linesPerSecond: rate })
    const parsed = () => lines.map((line) => JSON.parse(line))
    const leftOut = (line: string) => parsed().find((each) => each.event === 'log.left_out' && each.line === line)
    return { log, leftOut, of: (event: string) => parsed().filter((line) => line.event === event) }
  }

  it('above the limit of a second are left out, and counted in one line', async () => {
    const { log, leftOut, of } = sampled()
    const child = log.child({ request_id: 'r' })
    for (let nth = 0; nth < 50; nth++) (nth % 2 === 0 ? log : child).info({ nth }, 'noisy')
    log.info('quiet')
    expect(of('noisy')).toHaveLength(rate)
    expect(of('quiet')).toHaveLength(1)
    await eventually(
      () => leftOut('noisy') !== undefined,
      () => 'nothing is said of it',
    )
    expect(leftOut('noisy')).toMatchObject({ level: 'warn', line_level: 'info', count: 50 - rate })
    log.info('noisy')
    expect(of('noisy')).toHaveLength(rate + 1)
    expect(of('log.left_out')).toHaveLength(1)
  })

  it('that were left out when the process ends are counted, too', () => {
    const reported: LeftOutLines[] = []
    const { admit, flush } = createLineSampling(2, (leftOut) => void reported.push(leftOut))
    for (let nth = 0; nth < 5; nth++) admit(50, 'failed')
    admit(50, 'quiet')
    flush()
    flush()
    expect(reported).toEqual([{ event: 'failed', level: 50, count: 3 }])
  })

  it('are counted apart by level, and all are written without a limit', () => {
    const { log, of } = sampled()
    for (let nth = 0; nth < rate; nth++) {
      log.info('both')
      log.warn('both')
    }
    expect(of('both')).toHaveLength(2 * rate)
    const { log: whole, lines } = logTo('info')
    for (let nth = 0; nth < 500; nth++) whole.info('noisy')
    expect(lines).toHaveLength(500)
  })
})

describe('fields of the moment', () => {
  it('stand in each line, also of a child', () => {
    const lines: string[] = []
    let trace = 'one'
    const log = createLog(
      'info',
      { write: (line: string) => void lines.push(line) },
      { fields: () => ({ trace_id: trace }) },
    )
    log.info({ id: 1 }, 'first')
    trace = 'two'
    log.child({ request_id: 'r' }).info('second')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { event: 'first', id: 1, trace_id: 'one' },
      { event: 'second', request_id: 'r', trace_id: 'two' },
    ])
  })
})
