import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startShell } from '../support/shell.ts'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../..')
const installTimeoutMs = 600_000
const { exports } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
  exports: Record<string, { types: string; default: string }>
}
/** Settings of the machine for the way to the registry: certificates, proxies and those of npm. */
const isNetworkSetting = ([name]: readonly [string, unknown]) =>
  /^(NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|\w+_proxy|npm_config_(?!local_prefix)\w+)$/i.test(name)
const networkSettings = Object.entries(process.env).filter(isNetworkSetting) as [string, string][]
/** The machine's own node may be older than the package allows. */
const environment = {
  ...Object.fromEntries(networkSettings),
  PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
  HOME: process.env['HOME'] ?? '',
  npm_config_prefer_offline: 'true',
}

describe('the npm package, installed in an empty folder without install scripts', { timeout: installTimeoutMs }, () => {
  let folder: string
  let files: string[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rex-package-'))
    await run(process.execPath, ['packaging/build.ts'], { cwd: repository, env: environment })
    const packing = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
    const [packed] = Object.values(JSON.parse((await run('npm', packing, { cwd: repository })).stdout)) as [Packed]
    files = packed.files.map(({ path }) => path)
    await run('npm', ['init', '-y'], { cwd: folder, env: environment })
    const install = ['install', `./${packed.filename}`, '--ignore-scripts', '--no-audit', '--no-fund']
    await run('npm', install, { cwd: folder, env: environment })
  }, installTimeoutMs)

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('holds only files that run', () => {
    const places = new Set(files.map((file) => (file.includes('/') ? file.split('/', 1)[0] : file)))
    expect([...places].sort()).toEqual(['LICENSE', 'README.md', 'bin', 'dist', 'package.json', 'prisma'])
    expect(files.filter((file) => /\.test\.|(^|\/)test\/|tsconfig|schema-engine|build\.js/.test(file))).toEqual([])
  })

  it('installs nothing that only builds or tests', async () => {
    const installed = await readdir(join(folder, 'node_modules'))
    expect(installed).toEqual(expect.arrayContaining(['rex-capture', 'fastify', 'pg']))
    expect(installed.filter((name) => ['prisma', 'node', 'esbuild', 'typescript', 'vitest'].includes(name))).toEqual([])
  })

  it('prints its commands on `npx rex --help`', async () => {
    const { stdout } = await run('npx', ['rex', '--help'], { cwd: folder, env: environment })
    expect(stdout).toMatch(/^Usage: rex /m)
  })

  it('serves captures, the dashboard, the capture script and GraphiQL with `npx rex serve`', async () => {
    const rex = startShell('npx rex serve', { folder, environment: { ...environment, PORT: '0' } })
    onTestFinished(() => rex.stop())
    const [, url = ''] = await rex.said(/^Rex listens on (\S+)$/m, 120_000)
    expect(await capture(url)).toMatchObject({ data: { email: 'jane@example.com', stage: 'lead' } })
    for (const path of ['/', '/capture.js', '/docs', '/docs/start', '/graphiql/graphiql.js', '/readyz'])
      expect((await fetch(url + path)).status, path).toBe(200)
  })

  it.each(Object.entries(exports))('exports %s with its types', async (path, { types, default: code }) => {
    expect(files).toEqual(expect.arrayContaining([types.slice(2), code.slice(2)]))
    // React is the application's own.
    if (path === './react') return
    const name = path.replace('.', 'rex-capture')
    const listing = `console.log(Object.keys(await import('${name}')).join())`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', listing], { cwd: folder })
    expect(stdout.trim()).not.toBe('')
  })
})

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

async function capture(url: string): Promise<unknown> {
  const response = await fetch(`${url}/capture`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'jane@example.com' }),
  })
  return response.json()
}
