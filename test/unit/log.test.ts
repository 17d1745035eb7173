import { describe, expect, it } from 'vitest'
import { AppError } from '../../src/platform/errors.ts'
import { createLog, describeError, type LogLevel } from '../../src/platform/log.ts'

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
