import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { cliFolder, cliOf } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { startReceiver } from '../support/receiver.ts'
import { type RexProcess, startRexProcess } from '../support/rex-process.ts'
import { type ShellCommand, startShell } from '../support/shell.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'

const key = 'cli-process-test-key-0123456789-0123'
const program = join(import.meta.dirname, '../../bin/rex.js')

let database: OwnDatabase
let server: RexProcess
let port: string
let folder: string
let remove: () => Promise<void>

beforeAll(async () => {
  database = await createTestDatabase()
  server = await startServer('0')
  port = new URL(server.url).port
  const own = await cliFolder()
  folder = own.folder
  remove = own.remove
})

afterAll(async () => {
  await server.signal('SIGTERM')
  await database.drop()
  await remove()
})

describe('rex in a process of its own', () => {
  it('signs in with a key from standard input, captures a lead and exports it', async () => {
    expect(await run(`login --url ${server.url} <<< ${key}`)).toMatch(/^Signed in to /)
    expect(await run('capture --email process@example.com --first-name Pia')).toMatch(/^Captured process@example\.com /)
    expect(await run('contacts export --output leads.csv')).toMatch(/^Exported \d+ contacts? to leads\.csv\.\n$/)
    expect(await readFile(join(folder, 'leads.csv'), 'utf8')).toMatch(
      /^id,email,[^\n]*\ncont_\w+,process@example\.com,Pia,/,
    )
  })

  it('ends without an error when the reader of its output is gone', async () => {
    const command = rex('contacts list --limit 100 | true')
    expect(await command.ended(), command.output()).toBe(0)
    expect(command.output()).toBe('')

    await run('capture --email reader@example.com')
    const tail = rex('tail --since 1h --json | head -n 1')
    expect(await tail.ended(), tail.output()).toBe(0)
    expect(tail.output()).toMatch(/^\{[^\n]+\}\n$/)
  })

  it('loads nothing of the commands to run the service', async () => {
    const hook =
      "import { registerHooks } from 'node:module'; registerHooks({ load: (url, context, next) => { if (/commander|frame\\/|run-program-/.test(url)) console.error('loaded ' + url); return next(url, context) } })"
    const loadedBy = async (...parameters: string[]) => {
      const child = spawn(process.execPath, [
        '--import',
        `data:text/javascript,${encodeURIComponent(hook)}`,
        program,
        ...parameters,
      ])
      let output = ''
      child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
      await new Promise((resolve) => child.on('close', resolve))
      return output
    }
    expect(await loadedBy('serve', '--help')).not.toContain('loaded')
    expect(await loadedBy('--help')).toContain('loaded')
  })

  it('misses no event and doubles none when the server is killed under listen and tail', async () => {
    const hooks = await startReceiver()
    onTestFinished(() => hooks.stop())
    const environment = { REX_URL: server.url, REX_API_KEY: key }
    const listen = rex(`listen --forward-to ${hooks.url}`, environment)
    const tail = rex('tail --json', environment)
    await listen.said(/Signing secret: whsec_/)
    await tail.said(/Following|^$/)
    const client = cliOf({ url: server.url, key })
    const eventIds: string[] = []
    const trigger = async () => {
      const { eventId } = await client.json<{ eventId: string }>('trigger', 'contact.created')
      eventIds.push(eventId)
    }
    await trigger()
    await hooks.received(1)
    for (let cut = 0; cut < 2; cut++) {
      await server.signal('SIGKILL')
      await listen.said(/The connection was cut/)
      server = await startServer(port)
      await trigger()
      await hooks.received(eventIds.length)
    }
    expect(hooks.webhooks.map(({ headers }) => headers['webhook-id'])).toEqual(eventIds)
    await eventually(() => eventIds.every((id) => tail.output().includes(id)), tail.output)
    expect(
      tail
        .output()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(eventIds)
    expect(listen.output()).toContain('Connected again; what was missed comes first.')
  })
})

function startServer(PORT: string): Promise<RexProcess> {
  return startRexProcess({ ...database.environment, REX_API_KEY: key, PORT })
}

/** Runs `rex` in a shell and returns all its output. */
async function run(parameters: string): Promise<string> {
  const command = rex(parameters)
  expect(await command.ended(), command.output()).toBe(0)
  return command.output()
}

function rex(parameters: string, environment: Readonly<Record<string, string>> = {}): ShellCommand {
  const command = startShell(`set -o pipefail; ${process.execPath} ${program} ${parameters}`, {
    folder,
    environment: { PATH: process.env['PATH'] ?? '', XDG_CONFIG_HOME: join(folder, 'config'), ...environment },
  })
  onTestFinished(() => command.stop())
  return command
}
