import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type BenchDatabase, findDatabaseServer } from './bench-database.ts'
import { median } from './load.ts'
import { printEnvironment, printHead, printRow, recordResult } from './report.ts'
import { startCommand, startServer } from './server-process.ts'
import { roundCount, sized } from './sizes.ts'

const rounds = roundCount(5)
const restMs = sized({ whole: 5000, short: 500 })

interface Start {
  readonly wallMs: number
  readonly cpuMs: number
  readonly restMb: number
}

/** Measures starts on an empty database and on the same again: time until it listens, CPU time of the process, memory. */
async function measureStarts(): Promise<void> {
  const databases = await findDatabaseServer()
  printEnvironment(databases.description, `medians of ${rounds} rounds.`)
  printHead(['database and start', 'ms until it listens', 'CPU ms', `RSS after ${restMs / 1000} s, MB`])
  await report('embedded', createEmbedded)
  await report('DATABASE_URL', databases.createDatabase)
}

async function report(title: string, createDatabase: () => Promise<BenchDatabase>): Promise<void> {
  const first: Start[] = []
  const second: Start[] = []
  for (let round = 0; round < rounds; round++) {
    const { environment, drop } = await createDatabase()
    for (const starts of [first, second]) starts.push(await measure(environment))
    await drop()
  }
  for (const [name, starts] of [['first', first] as const, ['second', second] as const]) {
    const [wallMs, cpuMs, restMb] = [medianOf(starts, 'wallMs'), medianOf(starts, 'cpuMs'), medianOf(starts, 'restMb')]
    printRow([`${title}, ${name}`, ...[wallMs, cpuMs, restMb].map((value) => value.toFixed(0))])
    if (title === 'embedded' || name !== 'first') continue
    recordResult({ work: 'first start with DATABASE_URL', figure: 'ms', value: wallMs, wanted: { atMost: 1500 } })
    recordResult({ work: 'first start with DATABASE_URL', figure: 'RSS, MB', value: restMb, wanted: { atMost: 130 } })
  }
}

async function measure(environment: Readonly<Record<string, string>>): Promise<Start> {
  const began = performance.now()
  const server = await startServer(startCommand(), environment)
  const wallMs = performance.now() - began
  const cpuMs = server.cpuMs()
  await setTimeout(restMs)
  const restMb = server.residentMb() ?? Number.NaN
  await server.stop()
  return { wallMs, cpuMs, restMb }
}

async function createEmbedded(): Promise<BenchDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'rex-bench-'))
  return { environment: { REX_DATA_DIR: folder }, drop: () => rm(folder, { recursive: true, force: true }) }
}

function medianOf(starts: readonly Start[], key: keyof Start): number {
  return median(starts.map((start) => start[key]))
}

await measureStarts()
