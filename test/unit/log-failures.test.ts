import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'

const logModule = new URL('../../src/platform/log.ts', import.meta.url).href

/** Logs several lines, each after the write of the one before, and then says so on stderr. */
const program = (destination: string) => `
  import { createLog, sharedStdout } from '${logModule}'
  import { setTimeout } from 'node:timers/promises'
  const log = createLog('info', ${destination})
  for (let line = 0; line < 4; line++) {
    log.info('line')
    await setTimeout(20)
  }
  process.stderr.write('goes on')
  process.kill(process.pid, 'SIGKILL')`

it.skipIf(!existsSync('/dev/full')).each(['undefined', 'sharedStdout()'])(
  'a full disk behind stdout ends no process (%s)',
  async (destination) => {
    const stdout = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, ['--input-type=module', '-e', program(destination)], {
      stdio: ['ignore', stdout, 'pipe'],
      timeout: 60_000,
      killSignal: 'SIGKILL',
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    closeSync(stdout)
    let said = ''
    child.stderr!.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    await once(child, 'close')
    expect(said).toBe('goes on')
  },
)
