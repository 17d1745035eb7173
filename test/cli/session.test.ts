import { chmod, chown, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { findConnection } from '../../src/cli/api/connect.ts'
import { readCliSettings } from '../../src/cli/cli-settings.ts'
import { processContext } from '../../src/cli/frame/command-context.ts'
import { cliFolder, runCli } from '../support/cli.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})

afterAll(() => app.stop())

describe('rex login', () => {
  it('keeps a key from standard input in a file of its owner alone, and later commands use it', async () => {
    const folder = await ownFolder()
    const { code, stdout } = await runCli(['login', '--url', `${app.url}/`], { folder, stdin: `${app.key}\n` })
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining(`Signed in to ${app.url}: workspace default`),
    })
    const path = join(folder, 'config/rex/login.json')
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600')
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ url: app.url, apiKey: app.key })
    expect((await runCli(['contacts', 'list'], { folder })).code).toBe(0)

    expect(await runCli(['logout'], { folder })).toMatchObject({ code: 0, stdout: `Signed out of ${app.url}.\n` })
    expect((await runCli(['logout'], { folder })).stdout).toBe('You were not signed in.\n')
    await expect(stat(path)).rejects.toThrow('ENOENT')
  })

  it('takes the key of REX_API_KEY', async () => {
    const folder = await ownFolder()
    const environment = { REX_API_KEY: app.key }
    const { stdout } = await runCli(['login', '--url', app.url, '--json'], { folder, environment })
    expect(JSON.parse(stdout)).toMatchObject({ url: app.url, workspace: 'default', scopes: ['ADMIN'] })
    expect((await runCli(['contacts', 'list'], { folder })).code).toBe(0)
  })

  it('keeps nothing when the key is wrong, missing or for no server', async () => {
    const folder = await ownFolder()
    expect(
      (await runCli(['login', '--url', app.url], { folder, stdin: 'wrong-key-0123456789-0123456789-01' })).code,
    ).toBe(3)
    expect((await runCli(['login', '--url', app.url], { folder })).code).toBe(2)
    expect((await runCli(['login', '--url', 'leads.example.com'], { folder, stdin: 'x' })).code).toBe(2)
    await expect(stat(join(folder, 'config'))).rejects.toThrow('ENOENT')
  })
})

type Spoiling = readonly [string, (path: string) => Promise<void>]

/** Only root can give a file to another user. */
const byRoot: readonly Spoiling[] =
  process.getuid?.() === 0 ? [['of another user', (path) => chown(path, 12_345, 12_345)]] : []

/** Changes to the file of the address after which it must not be used. */
const spoilings: readonly Spoiling[] = [
  ['that others may write', (path) => chmod(path, 0o622)],
  ['that is a link', replaceByLink],
  ...byRoot,
  ['that is no address of this machine', (path) => writeFile(path, 'http://rex.invalid')],
  ['that is no address', (path) => writeFile(path, 'somewhere')],
  ['without the key beside it', (path) => rm(join(dirname(path), 'api-key'))],
]

describe('a command', () => {
  it('says how to sign in if there is no key, and ends with 3', async () => {
    const folder = await ownFolder()
    const { code, stderr } = await runCli(['contacts', 'list'], { folder, environment: { REX_URL: app.url } })
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(/^No API key for .*\nSet REX_API_KEY, run `rex login/),
    })
  })

  it('uses the key of .rex for a server of this machine only', async () => {
    const folder = await ownFolder()
    await mkdir(join(folder, '.rex'))
    await writeFile(join(folder, '.rex/api-key'), `${app.key}\n`)
    const run = (url: string) => runCli(['contacts', 'list'], { folder, environment: { REX_URL: url } })
    expect((await run(app.url)).code).toBe(0)
    expect((await run('https://leads.example.com')).stderr).toContain('No API key for https://leads.example.com.')
  })

  it('finds the server of this folder on any port while it runs', async () => {
    const { folder, write } = await dataFolder()
    await write('server-url', app.url)
    expect(await runCli(['contacts', 'list'], { folder })).toMatchObject({ code: 0, stderr: '' })
    const environment = { REX_URL: 'http://127.0.0.1:1' }
    expect((await runCli(['contacts', 'list'], { folder, environment })).stderr).toContain('http://127.0.0.1:1.')
  })

  it.each(spoilings)('uses no kept address %s', async (_, spoil) => {
    const { folder, path, write } = await dataFolder()
    await write('server-url', app.url)
    await spoil(join(path, 'server-url'))
    const context = { ...processContext(), settings: readCliSettings({ HOME: folder }), folder }
    expect((await findConnection(context)).url).toBe('http://127.0.0.1:4000')
  })

  it('uses the kept address for the key of the folder alone', async () => {
    const { folder, write } = await dataFolder()
    await write('server-url', app.url)
    const context = { ...processContext(), settings: readCliSettings({ HOME: folder, REX_API_KEY: 'k' }), folder }
    expect(await findConnection(context)).toEqual({ url: 'http://127.0.0.1:4000', apiKey: 'k' })
  })

  it('sends the key of a login to no other server', async () => {
    const folder = await ownFolder()
    await runCli(['login', '--url', app.url], { folder, stdin: app.key })
    const environment = { REX_URL: 'http://rex.invalid' }
    expect((await runCli(['contacts', 'list'], { folder, environment })).stderr).toContain(
      'No API key for http://rex.invalid.',
    )
  })

  it('ends with 5 if no server is there, and with 1 if it is no Rex', async () => {
    const environment = { REX_API_KEY: app.key, REX_URL: 'http://127.0.0.1:1' }
    expect(await runCli(['contacts', 'list'], { environment })).toEqual({
      code: 5,
      stdout: '',
      stderr: expect.stringMatching(/^Rex cannot be reached at http:\/\/127\.0\.0\.1:1\.\nStart it with/),
    })
    const REX_URL = await otherServer()
    expect(await runCli(['contacts', 'list'], { environment: { ...environment, REX_URL } })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('sent no response of Rex'),
    })
  })

  it('advises commands that can be pasted in a clone when npx has started it', async () => {
    const environment = { REX_API_KEY: app.key, REX_URL: 'http://127.0.0.1:1' }
    const { stderr } = await runCli(['contacts', 'list'], { environment: { ...environment, npm_command: 'exec' } })
    expect(stderr).toContain('Start it with `npx rex serve`, or name another server with REX_URL or `npx rex login')
    expect((await runCli(['contacts', 'list'], { environment })).stderr).toContain('Start it with `rex serve`')
    const created = ['webhooks', 'create', '--url', 'https://example.com/hooks']
    const settings = { REX_API_KEY: app.key, REX_URL: app.url, npm_command: 'exec' }
    expect((await runCli(created, { environment: settings })).stderr).toMatch(/^Send a test: npx rex webhooks /m)
  })

  it('prints an error as JSON with --json', async () => {
    const environment = { REX_API_KEY: app.key, REX_URL: 'http://127.0.0.1:1' }
    const { stdout, stderr } = await runCli(['contacts', 'list', '--json'], { environment })
    expect(stdout).toBe('')
    expect(JSON.parse(stderr)).toMatchObject({
      error: { message: expect.any(String), hint: expect.any(String), exitCode: 5 },
    })
  })

  it('shows no control characters of other people', async () => {
    const { printable, jsonLine } = await import('../../src/cli/output/printable.ts')
    expect(printable('a\u{1B}[2Jb\nc\u{9B}d\u{202E}e')).toBe('a\u{FFFD}[2Jb c\u{FFFD}d\u{FFFD}e')
    expect(jsonLine('\u{9B}\u{202E}')).toBe('"\\u009b\\u202e"')
  })
})

async function ownFolder(): Promise<string> {
  const { folder, remove } = await cliFolder()
  onTestFinished(remove)
  return folder
}

/** Makes a folder with a data folder that has the key of the app, and writes private files to it. */
async function dataFolder() {
  const folder = await ownFolder()
  const path = join(folder, '.rex')
  await mkdir(path)
  const write = (name: string, text: string) => writeFile(join(path, name), `${text}\n`, { mode: 0o600 })
  await write('api-key', app.key)
  return { folder, path, write }
}

async function replaceByLink(path: string): Promise<void> {
  await rename(path, `${path}.target`)
  await symlink(`${path}.target`, path)
}

async function otherServer(): Promise<string> {
  const server = createServer((_request, response) => response.end('<h1>Hello</h1>'))
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
