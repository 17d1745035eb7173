import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signatureHeaders } from '../../src/delivery/attempt/signature.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const hasPython = spawnSync('python3', ['--version']).status === 0

const receivers = [
  { language: 'js', command: process.execPath, file: 'examples/receiver-node/receiver.mjs', isRunnable: true },
  { language: 'python', command: 'python3', file: 'examples/receiver-python/receiver.py', isRunnable: hasPython },
]

describe.each(receivers)('$file', ({ language, file }) => {
  it('holds the published function to the byte', () => {
    const [, published] =
      new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(read('test/contract/webhooks.md')) ?? []
    expect(published).toMatch(/verify/)
    expect(read(file)).toContain(`\n${published}`)
  })

  it('does not start without a secret', () => {
    const { command } = receivers.find((receiver) => receiver.file === file)!
    const run = spawnSync(command, [path(file)], { env: { PATH: process.env['PATH'] }, encoding: 'utf8' })
    expect(run).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('REX_WEBHOOK_SECRET') })
  })
})

describe.each(receivers.filter((receiver) => receiver.isRunnable))('$file, running', ({ command, file }) => {
  let child: ChildProcess
  let lines: AsyncIterator<string>
  let output: Interface
  let url: string

  beforeAll(async () => {
    const env = { PATH: process.env['PATH'], PORT: '0', REX_WEBHOOK_SECRET: secret }
    child = spawn(command, [path(file)], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    output = createInterface({ input: child.stdout! })
    lines = output[Symbol.asyncIterator]()
    url = /http:\/\/127\.0\.0\.1:\d+$/.exec(await nextLine())?.[0] ?? ''
  })

  afterAll(async () => {
    const exited = once(child, 'exit')
    child.kill()
    await exited
    output.close()
  })

  it('prints a line for a verified webhook, and another for its repetition', async () => {
    const body = eventOf('evt_1')
    expect(await post(body, signed(body))).toBeLessThan(300)
    expect(await nextLine()).toBe('verified contact.created evt_1')
    expect(await post(body, signed(body))).toBeLessThan(300)
    expect(await nextLine()).toBe('repeated contact.created evt_1')
  })

  it('accepts what a rotation signs with two secrets', async () => {
    const body = eventOf('evt_2')
    expect(await post(body, signed(body, { accepted: secret, other: 'the-new-secret-of-it' }))).toBeLessThan(300)
    expect(await nextLine()).toBe('verified contact.created evt_2')
  })

  it('refuses what is forged, unsigned, old, early or no signature at all', async () => {
    const body = eventOf('evt_3')
    const now = Math.floor(Date.now() / 1000)
    const refused = [
      signed(eventOf('evt_4')),
      signed(body, { accepted: 'another-secret-altogether' }),
      signed(body, { accepted: secret }, now - 301),
      signed(body, { accepted: secret }, now + 400),
      {},
      ...[
        '',
        'nonsense',
        `t=${now}`,
        `t=${now},v1=`,
        `t=${now},v1=00`,
        `t=${now},v1=é`,
        `t=,v1=`,
        `v1=00,t=${now}`,
      ].map((signature) => ({ 'x-rex-signature': Buffer.from(signature).toString('latin1') })),
    ]
    const statuses = await Promise.all(refused.map((headers) => post(body, headers)))
    expect(statuses).toEqual(refused.map(() => 401))
    // The next line is that of the next good one: none of these was printed.
    const good = eventOf('evt_5')
    await post(good, signed(good))
    expect(await nextLine()).toBe('verified contact.created evt_5')
  })

  async function post(body: string, headers: Record<string, string>): Promise<number> {
    const response = await fetch(url, { method: 'POST', body, headers })
    await response.arrayBuffer()
    return response.status
  }

  async function nextLine(): Promise<string> {
    const { value, done } = await lines.next()
    if (done) throw new Error(`Expected a line of ${file}, but it ended.`)
    return value
  }
})

function signed(
  body: string,
  secrets: { accepted: string; other?: string } = { accepted: secret },
  timestamp = Math.floor(Date.now() / 1000),
): Record<string, string> {
  return signatureHeaders({ eventId: 'evt', timestamp, body, secrets })
}

function eventOf(id: string): string {
  return JSON.stringify({ id, event: 'contact.created', data: { email: 'jürgen@example.com' } })
}

function path(file: string): string {
  return fileURLToPath(new URL(`../../${file}`, import.meta.url))
}

function read(file: string): string {
  return readFileSync(path(file), 'utf8')
}
