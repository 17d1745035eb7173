import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { settingsHelp } from '../../src/config/config.ts'

const repository = join(import.meta.dirname, '../..')
const dockerfile = read('deploy/Dockerfile')
const unit = read('deploy/rex.service')
const compose = parse(read('deploy/compose.yaml'))
const values = parse(read('deploy/helm/rex/values.yaml'))
const chart = parse(read('deploy/helm/rex/Chart.yaml'))
const templates = readdirSync(join(repository, 'deploy/helm/rex/templates')).map((name) => {
  return read(`deploy/helm/rex/templates/${name}`)
})
const { version } = JSON.parse(read('package.json')) as { version: string }

/** Names that Rex reads, and one of the C library. */
const knownNames = new Set([
  ...[...settingsHelp().matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name),
  'NODE_ENV',
  'MALLOC_ARENA_MAX',
])

describe('the files of deploy/', () => {
  it.each([
    ['Dockerfile', [...(/^ENV (.*)$/m.exec(dockerfile)?.[1] ?? '').matchAll(/(\w+)=/g)].map(([, name]) => name)],
    ['compose.yaml', Object.keys(compose.services.rex.environment)],
    ['rex.service', [...(/^Environment=(.*)$/m.exec(unit)?.[1] ?? '').matchAll(/(\w+)=/g)].map(([, name]) => name)],
    [
      'values.yaml',
      [...Object.keys(values.settings), ...read('deploy/helm/rex/values.yaml').matchAll(/\b[A-Z]+_[A-Z_]+\b/g)].map(
        String,
      ),
    ],
  ])('%s sets only what Rex reads', (_, names) => {
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !knownNames.has(name))).toEqual([])
  })

  it('have the version of the package', () => {
    expect([chart.version, chart.appVersion]).toEqual([version, version])
    expect(values.image).toBe(`rex:${version}`)
  })

  it('listen on one port', () => {
    const ports = [
      /^EXPOSE (\d+)$/m.exec(dockerfile)?.[1],
      /\bPORT=(\d+)/.exec(dockerfile)?.[1],
      /\bPORT=(\d+)/.exec(unit)?.[1],
    ]
    const published = compose.services.rex.ports.map((port: string) => port.split(':').at(-1))
    const [, helm] = /containerPort: (\d+)/.exec(templates.join()) ?? []
    expect(new Set([...ports, ...published, helm])).toEqual(new Set(['4000']))
  })

  it('ask for paths that there are', () => {
    const routes = read('src/rest/health-routes.ts')
    const paths = [dockerfile, ...templates].flatMap((text) => text.match(/\/(?:ready|health)z/g) ?? [])
    expect(new Set(paths)).toEqual(new Set(['/readyz', '/healthz']))
    for (const path of paths) expect(routes).toContain(`'${path}'`)
  })

  it('name files that there are, in the clone and in the package', () => {
    const { build } = compose.services.rex
    expect(existsSync(join(repository, 'deploy', build.context, build.dockerfile))).toBe(true)
    const inPackage = [...`${dockerfile}${unit}`.matchAll(/rex-capture\/((?:bin|dist)\/[\w./-]+)/g)].map(
      ([, path = '']) => path,
    )
    expect(inPackage).toContain('bin/rex.js')
    const sources = inPackage.map((path) => path.replace(/^dist\/(.*)\.js$/, 'src/$1.ts'))
    expect(sources.filter((path) => !existsSync(join(repository, path)))).toEqual([])
  })

  it('run nothing as root, get the signals themselves, and leave time to stop', () => {
    expect(dockerfile).toMatch(/^USER node$/m)
    expect(dockerfile).toMatch(/^ENTRYPOINT \[".*"\]$/m)
    expect(unit).toMatch(/^User=rex$/m)
    const [, exitTimeout = ''] = /exitTimeoutMs = ([\d_]+)/.exec(read('src/cli/stop-signals.ts')) ?? []
    const grace = [
      /TimeoutStopSec=(\d+)/.exec(unit)?.[1],
      /GracePeriodSeconds: (\d+)/.exec(templates.join())?.[1],
      '30',
    ]
    expect(compose.services.rex.stop_grace_period).toBe('30s')
    for (const seconds of grace) expect(Number(seconds) * 1000).toBeGreaterThan(Number(exitTimeout.replace('_', '')))
  })

  it('give the chart every value that its templates use', () => {
    const used = [...templates.join().matchAll(/\.Values\.(\w+)/g)].map(([, name = '']) => name)
    expect(new Set(used)).toEqual(new Set(Object.keys(values)))
  })

  it('have templates that are YAML once their values are filled in', () => {
    for (const template of templates) {
      const filled = template.replace(/^\s*\{\{-.*\}\}\n/gm, '').replace(/\{\{-? .*?\}\}/g, 'value')
      expect(parse(filled)).toMatchObject({ apiVersion: expect.any(String), kind: expect.any(String) })
    }
  })

  it('have a unit that systemd accepts', ({ skip }) => {
    if (spawnSync('systemd-analyze', ['--version']).status !== 0) return skip('This machine has no systemd-analyze.')
    const folder = mkdtempSync(join(tmpdir(), 'rex-unit-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'rex.service')
    writeFileSync(
      file,
      unit.replace('/usr/bin/node', process.execPath).replace('User=rex', `User=${userInfo().username}`),
    )
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
    expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes('rex.service'))).toEqual([])
  })
})

function read(file: string): string {
  return readFileSync(join(repository, file), 'utf8')
}
