import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { printHead, printRow, type Result, readResults } from './report.ts'

/** Benchmarks of the hot paths, each with what people would pick instead and with the limit of the machine. */
const benchmarks = [
  'capture',
  'lists',
  'drain',
  'fanout',
  'latency',
  'burst',
  'overload',
  'sources',
  'start',
  'fairness',
  'observation',
]

/** Runs them one after the other and prints one table; `ONLY=lists,drain` chooses some, `ROUNDS` sets their rounds. */
async function runAll(): Promise<void> {
  const chosen = process.env['ONLY']?.split(',') ?? benchmarks
  const folder = await mkdtemp(join(tmpdir(), 'rex-bench-'))
  const file = join(folder, 'results')
  await writeFile(file, '')
  const failed: string[] = []
  for (const name of chosen) {
    console.log(`\n## ${name}\n`)
    if (!(await runOne(name, file))) failed.push(name)
  }
  console.log('\n## All\n')
  printHead(['work', 'figure', 'measured', 'wanted', 'reached'])
  for (const result of readResults(file)) printResult(result)
  await rm(folder, { recursive: true })
  if (failed.length > 0) throw new Error(`These failed: ${failed.join(', ')}.`)
}

async function runOne(name: string, results: string): Promise<boolean> {
  const script = join(import.meta.dirname, `${name}.ts`)
  const env = { ...process.env, BENCH_RESULTS: results }
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], { env, stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  return code === 0
}

function printResult({ work, figure, value, wanted }: Result): void {
  const isLeast = 'atLeast' in wanted
  const bound = isLeast ? wanted.atLeast : wanted.atMost
  const isReached = isLeast ? value >= bound : value <= bound
  printRow([work, figure, shortly(value), `${isLeast ? '≥' : '≤'} ${bound}`, isReached ? 'yes' : 'no'])
}

function shortly(value: number): string {
  return value.toFixed(value < 10 ? 2 : 0)
}

await runAll()
