import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { documentBlocks } from '../support/documents.ts'
import { receiptShape, sentBy, ulid } from '../support/receipts.ts'
import { type ShellCommand, startShell } from '../support/shell.ts'
import { createEmptyDatabase } from '../support/test-database.ts'

const repository = join(import.meta.dirname, '../..')
const shellBlocks = documentBlocks.filter(({ language }) => language === 'sh').map(({ text }) => text)
const installTimeoutMs = 600_000
/** CI has just run `npm ci` in a clean clone, and does not do it a second time. */
const isInstalled = process.env['CI'] === 'true'

describe('the shell blocks of README.md and docs, in order, in a clone', { timeout: installTimeoutMs }, () => {
  let folder: string
  let clone: string
  let ports: Readonly<Record<'rex' | 'node' | 'python' | 'postgresql' | 'program', number>>
  /** Of the source that a block has created. */
  let token = ''
  let sourceId = ''
  let nodeReceiver: ShellCommand | undefined
  const started: ShellCommand[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rex-readme-'))
    clone = join(folder, 'rex')
    await copyRepository(clone)
    if (isInstalled) await linkInstalled(clone)
    // curl as written answers the body alone; its settings file adds the status.
    await writeFile(join(folder, '.curlrc'), 'silent\nshow-error\nwrite-out = "\\n%{http_code}"\n')
    const [rex, node, python, postgresql] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
    ports = { rex, node, python, postgresql, program: await freePort() }
  })

  afterAll(async () => {
    await Promise.all(started.map((command) => command.stop()))
    await rm(folder, { recursive: true, force: true })
  })

  /** What runs a block, by what is in it: each takes it as it is written, but for the ports. */
  const runs: readonly { readonly of: RegExp; run(block: string, context: TestContext): Promise<void> | void }[] = [
    { of: /^npm ci && npm start$/, run: startRex },
    { of: /^curl -X POST http:\/\/127\.0\.0\.1:4000\/capture /, run: sendLead },
    { of: /^DATABASE_URL=\S+ npm start$/, run: startOnPostgresql },
    { of: /^REX_WEBHOOK_SECRET=\S+ PORT=4001 node \S+$/, run: startNodeReceiver },
    { of: /^REX_WEBHOOK_SECRET=\S+ PORT=4002 python3 \S+$/, run: startPythonReceiver },
    { of: /^curl -X POST http:\/\/127\.0\.0\.1:4000\/webhooks /, run: registerEndpoint },
    { of: /^curl -X POST http:\/\/127\.0\.0\.1:4000\/sources /, run: createSource },
    { of: /^curl -X POST http:\/\/127\.0\.0\.1:4000\/capture\/in_… /, run: sendToSource },
    { of: /^curl -X PATCH http:\/\/127\.0\.0\.1:4000\/sources\/src_… /, run: changeSource },
    { of: /^curl -X POST http:\/\/127\.0\.0\.1:4000\/graphql /, run: listContacts },
    { of: /^npx rex tail$/, run: followLive },
    { of: /^npx rex --help$/, run: showCommands },
    { of: /^npx rex contacts list$/, run: listWithRex },
    { of: /^npx rex backup \S+$/, run: backUp },
    { of: /^REX_DATA_DIR=\S+ npx rex restore \S+$/, run: restore },
    { of: /^npx rex move --to \S+$/, run: move },
  ]

  const titled = shellBlocks.map((block) => ({ block, line: block.split('\n', 1)[0] }))
  it.for(titled)('run: $line', async ({ block }, context) => {
    const found = runs.find(({ of }) => of.test(block))
    if (found === undefined) throw new Error('This block is in the documents, and no test runs it.')
    await found.run(block, context)
  })

  it('are all there', () => {
    expect(runs.filter(({ of }) => !shellBlocks.some((block) => of.test(block)))).toEqual([])
  })

  async function startRex(block: string): Promise<void> {
    const rex = start(isInstalled ? block.replace('npm ci && ', '') : block, { PORT: String(ports.rex) })
    await rex.said(new RegExp(`^Rex listens on http://127\\.0\\.0\\.1:${ports.rex}$`, 'm'), installTimeoutMs)
    expect(rex.output()).toMatch(/^Database: embedded PostgreSQL in \.rex /m)
    expect(rex.output()).toMatch(/^API key .*: rex_\w+$/m)
    expect(rex.output()).toContain(`curl -X POST http://127.0.0.1:${ports.rex}/capture`)
  }

  async function sendLead(block: string): Promise<void> {
    const { status, data } = await answerOf(block)
    expect(status).toBe(201)
    expect(data).toEqual({ ...receiptShape, ...sentBy(block) })
    if (nodeReceiver === undefined) return
    await nodeReceiver.said(new RegExp(`^verified contact\\.created evt_${ulid}$`, 'm'))
  }

  /** In a folder of its own, as docs/start.md advises whoever comes back to the embedded database. */
  async function startOnPostgresql(block: string, { onTestFinished }: TestContext): Promise<void> {
    const exampleUrl = 'postgresql://postgres@127.0.0.1:5432/postgres'
    expect(block).toContain(exampleUrl)
    const { environment, drop } = await createEmptyDatabase()
    onTestFinished(() => drop())
    const { DATABASE_URL: url, REX_DATA_DIR } = environment
    const rex = start(block.replace(exampleUrl, url), { PORT: String(ports.postgresql), REX_DATA_DIR })
    const [, rexUrl] = await rex.said(/^Rex listens on (\S+)$/m, 60_000)
    expect(rex.output()).toMatch(/^Database: PostgreSQL at DATABASE_URL$/m)
    const captured = await fetch(`${rexUrl}/capture`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'jane@example.com' }),
    })
    expect(captured.status).toBe(201)
    await rex.stop()
  }

  async function startNodeReceiver(block: string): Promise<void> {
    nodeReceiver = start(block)
    await nodeReceiver.said(new RegExp(`^Receiving webhooks on http://127\\.0\\.0\\.1:${ports.node}$`, 'm'))
  }

  async function startPythonReceiver(block: string, { skip }: TestContext): Promise<void> {
    if (spawnSync('python3', ['--version']).status !== 0) return skip('This machine has no python3.')
    const receiver = start(block)
    await receiver.said(new RegExp(`^Receiving webhooks on http://127\\.0\\.0\\.1:${ports.python}$`, 'm'))
  }

  async function registerEndpoint(block: string): Promise<void> {
    const { status, data } = await answerOf(block)
    expect(status).toBe(201)
    expect(data).toMatchObject({
      id: expect.stringMatching(new RegExp(`^wh_${ulid}$`)),
      ...sentBy(withOwnPorts(block)),
      secret: expect.stringMatching(block.includes('"secret"') ? /^whsec_your_signing_secret$/ : /^whsec_\S{32,}$/),
    })
  }

  async function createSource(block: string): Promise<void> {
    const { status, data } = await answerOf(block)
    expect(status).toBe(201)
    expect(data).toMatchObject({
      id: expect.stringMatching(new RegExp(`^src_${ulid}$`)),
      kind: 'typeform',
      url: expect.stringMatching(new RegExp(`^http://127\\.0\\.0\\.1:${ports.rex}/capture/in_[0-9A-Za-z]{22,}$`)),
    })
    token = String(data['url']).split('/').at(-1) ?? ''
    sourceId = String(data['id'])
  }

  async function sendToSource(block: string): Promise<void> {
    const { status, data } = await answerOf(block.replace('in_…', token))
    expect(status).toBe(200)
    expect(data).toEqual({ status: 'accepted', id: expect.stringMatching(new RegExp(`^sub_${ulid}$`)) })
  }

  async function changeSource(block: string): Promise<void> {
    const { status, data } = await answerOf(block.replace('src_…', sourceId))
    expect(status).toBe(200)
    expect(data).toMatchObject({ id: sourceId })
  }

  async function listContacts(block: string): Promise<void> {
    const { status, data } = await answerOf(block)
    expect(status).toBe(200)
    const before = shellBlocks.slice(0, shellBlocks.indexOf(block))
    const sent = before.filter((other) => other.includes('4000/capture')).map(emailSentBy)
    const { nodes } = data['contacts'] as { nodes: { email: string }[] }
    expect(nodes.map(({ email }) => email)).toEqual([...new Set(sent)].reverse())
  }

  async function listWithRex(block: string): Promise<void> {
    const command = start(block, { XDG_CONFIG_HOME: folder })
    expect(await command.ended(), command.output()).toBe(0)
    expect(command.output()).toMatch(/^EMAIL .*\n(?:.*\n)*jane@example\.com +Jane Doe /m)
  }

  async function showCommands(block: string): Promise<void> {
    const command = start(block)
    expect(await command.ended(), command.output()).toBe(0)
    expect(command.output()).toMatch(/^ +contacts /m)
  }

  /** Sends leads until one of them is shown: the command does not say when it listens. */
  async function followLive(block: string): Promise<void> {
    const live = start(block, { REX_URL: `http://127.0.0.1:${ports.rex}`, XDG_CONFIG_HOME: folder })
    const sending = setInterval(() => void sendNewLead().catch(() => undefined), 500)
    try {
      await live.said(/ contact\.created /, 300_000)
    } finally {
      clearInterval(sending)
      await live.stop()
    }
  }

  async function sendNewLead(): Promise<void> {
    const body = JSON.stringify({ email: `${crypto.randomUUID()}@example.com` })
    const headers = { 'content-type': 'application/json' }
    await fetch(`http://127.0.0.1:${ports.rex}/capture`, { method: 'POST', headers, body })
  }

  function backUp(block: string): Promise<void> {
    return succeed(block, {})
  }

  function restore(block: string): Promise<void> {
    return succeed(block, {})
  }

  /** Moves what the block before has restored, since a Rex is running on the other folder. */
  async function move(block: string, { onTestFinished }: TestContext): Promise<void> {
    const { environment, drop } = await createEmptyDatabase()
    onTestFinished(() => drop())
    const moved = block.replace(/--to \S+$/, `--to '${environment.DATABASE_URL}'`)
    await succeed(moved, { REX_DATA_DIR: '.rex-new' })
  }

  async function succeed(block: string, settings: Readonly<Record<string, string>>): Promise<void> {
    const command = start(block, settings)
    expect(await command.ended(), command.output()).toBe(0)
  }

  function start(block: string, settings: Readonly<Record<string, string>> = {}): ShellCommand {
    const environment = { ...userEnvironment(), CURL_HOME: folder, npm_config_prefer_offline: 'true', ...settings }
    const command = startShell(withOwnPorts(block), { folder: clone, environment })
    started.push(command)
    return command
  }

  async function answerOf(block: string): Promise<{ status: number; data: Record<string, unknown> }> {
    const command = start(block)
    expect(await command.ended(), command.output()).toBe(0)
    const [, body, status] = /^(.*)\n(\d{3})$/s.exec(command.output()) ?? []
    return { status: Number(status), data: JSON.parse(body ?? '').data }
  }

  /** In one pass and by whole numbers: a free port may begin with one of these, as 40012 does. */
  function withOwnPorts(block: string): string {
    const own: Readonly<Record<string, number>> = {
      4000: ports.rex,
      3000: ports.program,
      4001: ports.node,
      4002: ports.python,
    }
    return block.replaceAll(/(PORT=|127\.0\.0\.1:)(\d+)\b/g, (written, start, port) =>
      port in own ? `${start}${own[port]}` : written,
    )
  }
})

/** Returns the e-mail of a curl, whatever its field is called. */
function emailSentBy(curl: string): string | undefined {
  return Object.values(sentBy(curl)).find((value) => value.includes('@'))
}

/** What a clone of the tree as it stands would hold, whether it is committed yet or not. */
async function copyRepository(target: string): Promise<void> {
  const listed = execFileSync('git', ['ls-files', '-coz', '--exclude-standard'], { cwd: repository, encoding: 'utf8' })
  const files = listed.split('\0').filter((file) => file !== '' && existsSync(join(repository, file)))
  for (const file of files) {
    await mkdir(dirname(join(target, file)), { recursive: true })
    await copyFile(join(repository, file), join(target, file))
  }
}

/** Gives a clone what `npm ci` has made here. */
async function linkInstalled(target: string): Promise<void> {
  await symlink(join(repository, 'node_modules'), join(target, 'node_modules'))
  await cp(join(repository, 'src/generated'), join(target, 'src/generated'), { recursive: true })
}

/** The machine's own node and npm, none of this repository's, and none of this run's settings. */
function userEnvironment(): Record<string, string> {
  const kept = /^(?:HOME|USER|LANG|TMPDIR|NODE_EXTRA_CA_CERTS|npm_config_(?:registry|cache|userconfig)|\w+_proxy)$/i
  const environment = Object.entries(process.env).filter(([name]) => kept.test(name))
  const path = (process.env['PATH'] ?? '').split(':').filter((entry) => !entry.includes('node_modules'))
  return { ...Object.fromEntries(environment), PATH: path.join(':') }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.')
  return address.port
}
