import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buildSchema, parse, validate } from 'graphql'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { settingsHelp } from '../../src/config/config.ts'
import { type ShellCommand, startShell } from '../support/shell.ts'
import { createEmptyDatabase } from '../support/test-database.ts'

const repository = join(import.meta.dirname, '../..')
const readme = read('README.md')
const blocks = blocksOf(readme)
const shellBlocks = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text)
const installTimeoutMs = 600_000
const ulid = '[0-7][0-9A-HJKMNP-TV-Z]{25}'

describe('the shell blocks of README.md, in order, in a clone', { timeout: installTimeoutMs }, () => {
  let folder: string
  let clone: string
  let ports: { readonly rex: number; readonly node: number; readonly python: number; readonly postgresql: number }
  /** Of the source that a block has created. */
  let token = ''
  let nodeReceiver: ShellCommand | undefined
  const started: ShellCommand[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rex-readme-'))
    clone = join(folder, 'rex')
    await copyRepository(clone)
    // curl as written answers the body alone; its settings file adds the status.
    await writeFile(join(folder, '.curlrc'), 'silent\nshow-error\nwrite-out = "\\n%{http_code}"\n')
    const [rex, node, python, postgresql] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
    ports = { rex, node, python, postgresql }
  })

  afterAll(async () => {
    await Promise.all(started.map((command) => command.stop()))
    await rm(folder, { recursive: true, force: true })
  }, 120_000)

  /** What runs a block, by what is in it: each takes it as it is written, but for the ports. */
  const runs: readonly { readonly of: RegExp; run(block: string, context: TestContext): Promise<void> | void }[] = [
    { of: /^npm ci && npm start$/, run: startRex },
    { of: /^curl -X POST http:\/\/127\.0\.0\.1:4000\/capture /, run: sendLead },
    { of: /^DATABASE_URL=\S+ npm start$/, run: startOnPostgresql },
    { of: /^REX_WEBHOOK_SECRET=\S+ PORT=4001 node \S+$/, run: startNodeReceiver },
    { of: /^REX_WEBHOOK_SECRET=\S+ PORT=4002 python3 \S+$/, run: startPythonReceiver },
    { of: /^curl -X POST http:\/\/127\.0\.0\.1:4000\/webhooks /, run: registerEndpoint },
    { of: /^curl -X POST http:\/\/127\.0\.0\.1:4000\/sources /, run: createSource },
    { of: /^curl -X POST http:\/\/127\.0\.0\.1:4000\/capture\/in_your_token /, run: sendToSource },
    { of: /^curl -X POST http:\/\/127\.0\.0\.1:4000\/graphql /, run: listContacts },
    { of: /^npx rex contacts list$/, run: listWithRex },
    { of: /^npm ci && npm test$/, run: findTestScript },
  ]

  const titled = shellBlocks.map((block) => ({ block, line: block.split('\n', 1)[0] }))
  it.for(titled)('run: $line', async ({ block }, context) => {
    const found = runs.find(({ of }) => of.test(block))
    if (found === undefined) throw new Error('This block is in README.md, and no test runs it.')
    await found.run(block, context)
  })

  it('are all there', () => {
    expect(runs.filter(({ of }) => !shellBlocks.some((block) => of.test(block)))).toEqual([])
  })

  async function startRex(block: string): Promise<void> {
    const rex = start(block, { PORT: String(ports.rex) })
    await rex.said(new RegExp(`^Rex listens on http://127\\.0\\.0\\.1:${ports.rex}$`, 'm'), installTimeoutMs)
    expect(rex.output()).toMatch(/^Database: embedded PostgreSQL in \.rex /m)
    expect(rex.output()).toMatch(/^API key .*: rex_\w+$/m)
    expect(rex.output()).toContain(`curl -X POST http://127.0.0.1:${ports.rex}/capture`)
  }

  async function sendLead(block: string): Promise<void> {
    const { status, data } = await answerOf(block)
    expect(status).toBe(201)
    expect(data).toEqual({ ...answerShape, ...sentBy(block) })
    if (nodeReceiver === undefined) return
    await nodeReceiver.said(new RegExp(`^verified contact\\.created evt_${ulid}$`, 'm'))
  }

  /** In a folder of its own, as README.md advises whoever comes back to the embedded database. */
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
      url: `http://127.0.0.1:${ports.node}/`,
      events: ['contact.created'],
      secret: 'whsec_your_signing_secret',
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
  }

  async function sendToSource(block: string): Promise<void> {
    const { status, data } = await answerOf(block.replace('in_your_token', token))
    expect(status).toBe(200)
    expect(data).toEqual({ status: 'accepted', id: expect.stringMatching(new RegExp(`^sub_${ulid}$`)) })
  }

  async function listContacts(block: string): Promise<void> {
    const { status, data } = await answerOf(block)
    expect(status).toBe(200)
    const sent = shellBlocks.filter((other) => other.includes('/capture')).map(emailSentBy)
    const { nodes } = data['contacts'] as { nodes: { email: string }[] }
    expect(nodes.map(({ email }) => email)).toEqual(sent.reverse())
  }

  async function listWithRex(block: string): Promise<void> {
    const command = start(block, { REX_URL: `http://127.0.0.1:${ports.rex}`, XDG_CONFIG_HOME: folder })
    expect(await command.ended(), command.output()).toBe(0)
    expect(command.output()).toMatch(/^EMAIL .*\n(?:.*\n)*jane@example\.com +Jane Doe /)
  }

  /** This very run is it. */
  function findTestScript(): void {
    expect(JSON.parse(read('package.json')).scripts.test).toBe('vitest run')
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

  function withOwnPorts(block: string): string {
    return block
      .replaceAll('127.0.0.1:4000', `127.0.0.1:${ports.rex}`)
      .replaceAll(/(PORT=|127\.0\.0\.1:)4001/g, `$1${ports.node}`)
      .replaceAll(/(PORT=|127\.0\.0\.1:)4002/g, `$1${ports.python}`)
  }
})

describe('README.md', () => {
  it('holds no block of a kind that nobody looks at', () => {
    const kinds = new Set(blocks.map(({ language }) => language))
    expect([...kinds].sort()).toEqual(['', 'graphql', 'html', 'js', 'json', 'python', 'sh'])
  })

  it('shows the answer of its first capture', () => {
    const [capture = ''] = shellBlocks.filter((block) => block.includes('/capture'))
    const { data } = JSON.parse(onlyBlock('json'))
    expect(data).toEqual({ ...data, ...sentBy(capture), stage: 'lead' })
    expect(Object.keys(data)).toEqual(Object.keys(answerShape))
  })

  it.each(['js', 'python'])('quotes the published %s verifier to the byte', (language) => {
    const published = blocksOf(read('test/contract/webhooks.md')).find((block) => block.language === language)
    expect(published?.text).toMatch(/verify/)
    expect(blocks.filter((block) => block.language === language).map(({ text }) => text)).toContain(published?.text)
  })

  it('has a subscription that the schema takes', () => {
    expect(validate(buildSchema(read('schema.graphql')), parse(onlyBlock('graphql')))).toEqual([])
  })

  it('has the settings that --help prints, and no other', () => {
    const help = [...settingsHelp().matchAll(/^ {2}(\w+) +(.*) \[(.*)\]$/gm)]
    const table = [...readme.matchAll(/^\| `(\w+)` \| (.*?) \| (.*) \|$/gm)]
    expect(table.map(([, name, shown, meaning]) => [name, meaning, shown?.replaceAll('`', '')])).toEqual(
      help.map(([, ...columns]) => columns),
    )
  })

  it('links to files and headings that are there', () => {
    const targets = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target)
    const links = targets.filter((target) => !target.startsWith('https://'))
    expect(links.filter((link) => !leadsSomewhere(link))).toEqual([])
  })
})

/** A file or folder, and where the link names one, a heading in it. */
function leadsSomewhere(link: string): boolean {
  const [file = '', heading] = link.split('#')
  const path = join(repository, file)
  if (!existsSync(path) || heading === undefined) return existsSync(path)
  const headings = [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title)
  return headings.some((title) => title.toLowerCase().replaceAll(' ', '-') === heading)
}

/** Keys in the order in which they are answered. */
const answerShape = {
  id: expect.stringMatching(new RegExp(`^cont_${ulid}$`)),
  email: expect.any(String),
  first_name: null,
  last_name: null,
  stage: 'lead',
  source: null,
  created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
}

/** What the receipt repeats of the lead that a curl sends. */
function sentBy(curl: string): { email: string } {
  const [, body = ''] = /-d '(.*)'$/s.exec(curl) ?? []
  const { metadata: _, ...fields } = JSON.parse(body)
  return fields
}

/** The e-mail of a curl, whatever its field is called. */
function emailSentBy(curl: string): string | undefined {
  return Object.values(sentBy(curl)).find((value) => value.includes('@'))
}

interface Block {
  readonly language: string
  readonly text: string
}

function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w*)\n(.*?)\n```$/gms)].map(([, language = '', text = '']) => ({ language, text }))
}

function onlyBlock(language: string): string {
  const [block, ...others] = blocks.filter((each) => each.language === language)
  if (block === undefined || others.length > 0) throw new Error(`One ${language} block is expected in README.md.`)
  return block.text
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

function read(file: string): string {
  return readFileSync(join(repository, file), 'utf8')
}
