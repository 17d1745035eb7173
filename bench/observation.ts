import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { Plugin } from 'esbuild'
import { bundlePrograms, bundlesFolder, repository, writeBundleFiles } from '../packaging/program-bundle.ts'
import { measure, median } from './load.ts'
import { printEnvironment, printHead, printRow, type Result, recordResult } from './report.ts'
import { type ServerProcess, startCommand, startServer } from './server-process.ts'
import { roundCount, sized } from './sizes.ts'

const rounds = roundCount(8)
const roundMs = sized({ whole: 10_000, short: 200 })
const warmUpMs = sized({ whole: 4000, short: 200 })
const callers = 32

/** What takes the place of the modules that only observe: the same exports, which do nothing. */
const withoutObservation: Readonly<Record<string, string>> = {
  'src/app/metrics/capture-metrics.ts': 'export const createCaptureMetrics = () => undefined',
  'src/app/metrics/attempt-metrics.ts': 'export const createAttemptMetrics = () => undefined',
  'src/app/metrics/fact-metrics.ts': 'export const addFactMetrics = () => undefined',
  'src/app/metrics/process-metrics.ts': 'export const addProcessMetrics = () => undefined',
  'src/platform/tracing/tracing.ts': `
    export const setTracer = () => undefined
    export const isTracing = () => false
    export const startSpan = () => undefined
    export const startSpanBelow = () => undefined
    export const inSpan = (span, work) => work()
    export const isInSpan = () => false
    export const currentTraceparent = () => null
    export const traceFields = () => ({})
    export const failSpan = () => undefined`,
}

interface Measured {
  readonly perSecond: number
  readonly cpuUs: number
  readonly restMb: number
  readonly loadedMb: number
}

const names = ['observed', 'plain'] as const
type Name = (typeof names)[number]
type Round = Readonly<Record<Name, Measured>>

/**
 * Measures what metrics, facts and tracing that is off cost a single node on the embedded database. Two nodes, with and
 * without them, take captures at the same time: what else the machine does affects both. Each round has new processes,
 * since two processes of the same code differ by some percent. Both leave out equal log lines, which saves more than that.
 */
async function compare(): Promise<void> {
  await using started = new AsyncDisposableStack()
  const commands = {
    observed: await bundle('observed', [], started),
    plain: await bundle('plain', [replaceModules], started),
  }
  printEnvironment('embedded PostgreSQL', `${rounds} rounds of ${roundMs / 1000} s, ${callers} callers each.`)
  const all: Round[] = []
  for (let nth = 0; nth < rounds; nth++) all.push(await takeRound(commands, nth % 2 === 0 ? names : names.toReversed()))
  printHead(['medians', 'captures/s', 'CPU of Node, µs a capture', 'RSS at rest, MB', 'RSS under load, MB'])
  for (const name of names) {
    const of = (key: keyof Measured) => median(all.map((round) => round[name][key]))
    printRow([
      name,
      of('perSecond').toFixed(0),
      of('cpuUs').toFixed(0),
      of('restMb').toFixed(1),
      of('loadedMb').toFixed(1),
    ])
  }
  report('captures/s', ratiosOf(all, 'perSecond'), { atLeast: 0.97 })
  report('CPU of Node a capture', ratiosOf(all, 'cpuUs'), { atMost: 1.03 })
  const more = median(all.map(({ observed, plain }) => observed.restMb - plain.restMb))
  recordResult({ work, figure: 'RSS at rest, MB more', value: more, wanted: { atMost: 10 } })
}

async function takeRound(commands: Readonly<Record<Name, string>>, order: readonly Name[]): Promise<Round> {
  await using started = new AsyncDisposableStack()
  const servers = new Map<Name, ServerProcess>()
  for (const name of order) servers.set(name, await start(commands[name], started))
  const restMb = new Map([...servers].map(([name, server]) => [name, megabytes(server)]))
  const load = (durationMs: number) =>
    Promise.all([...servers.values()].map(({ url }) => measure(url, { callers, durationMs })))
  await load(warmUpMs)
  const before = [...servers.values()].map((server) => server.cpuMs())
  const loads = await load(roundMs)
  const measured = [...servers].map(([name, server], nth) => {
    const { perSecond, stored } = loads[nth] ?? { perSecond: Number.NaN, stored: Number.NaN }
    const cpuUs = ((server.cpuMs() - (before[nth] ?? Number.NaN)) * 1000) / stored
    return [name, { perSecond, cpuUs, restMb: restMb.get(name), loadedMb: megabytes(server) }]
  })
  return Object.fromEntries(measured)
}

function megabytes(server: ServerProcess): number {
  return server.residentMb() ?? Number.NaN
}

const work = 'a single node on the embedded database, with observation ÷ without'

/** Writes a bundle, and returns the command that starts it. */
async function bundle(name: Name, plugins: readonly Plugin[], started: AsyncDisposableStack): Promise<string> {
  const folder = join(bundlesFolder, `bench-${name}`)
  started.defer(() => rm(folder, { recursive: true, force: true }))
  writeBundleFiles(folder, (await bundlePrograms(plugins)).outputFiles)
  return startCommand().replace('bin/start.js', relative(repository, join(folder, 'main.js')))
}

async function start(command: string, started: AsyncDisposableStack): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'rex-bench-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const server = await startServer(command, { REX_DATA_DIR: folder })
  started.defer(() => server.stop())
  return server
}

const replaceModules: Plugin = {
  name: 'replace-modules',
  setup: ({ onLoad, onEnd }) => {
    const replaced = new Set<string>()
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const file = relative(repository, path)
      const contents = withoutObservation[file]
      if (contents === undefined) return undefined
      replaced.add(file)
      return { contents, loader: 'js' }
    })
    onEnd(() => {
      const missing = Object.keys(withoutObservation).filter((file) => !replaced.has(file))
      if (missing.length > 0) throw new Error(`Rex no longer has ${missing.join(', ')}.`)
    })
  },
}

function ratiosOf(all: readonly Round[], key: 'perSecond' | 'cpuUs'): number[] {
  return all.map(({ observed, plain }) => observed[key] / plain[key])
}

function report(figure: string, ratios: readonly number[], wanted: Result['wanted']): void {
  const [value, lowest, highest] = [median(ratios), Math.min(...ratios), Math.max(...ratios)].map((each) =>
    each.toFixed(3),
  )
  console.log(`\n${figure}, with observation ÷ without: ${value} (${lowest} to ${highest})`)
  recordResult({ work, figure, value: median(ratios), wanted })
}

await compare()
