import { Writable } from 'node:stream'
import { createLog, type Log } from '../../src/platform/log.ts'
import { refusePrivateLines } from './private-lines.ts'

/** A log whose lines a test looks at. */
export interface KeptLog {
  readonly log: Log
  events(): string[]
  /** The lines as they were written. */
  lines(): readonly string[]
}

export function keepLog(): KeptLog {
  const lines: string[] = []
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      const line = chunk.toString()
      refusePrivateLines([line], [])
      lines.push(line)
      done()
    },
  })
  return {
    log: createLog('info', destination),
    events: () => lines.map((line) => JSON.parse(line).event),
    lines: () => lines,
  }
}
