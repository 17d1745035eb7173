import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Attack, attacks, filteredContacts, longFilters } from './attacks.ts'
import { startCommand, startServer } from './server-process.ts'

const rounds = 30
const warmUpRounds = 3
const apiKey = 'bench-admin-key-0123456789-0123456789'
const json = { 'content-type': 'application/json' }

const trivial: Attack = {
  name: 'a trivial query',
  headers: json,
  body: bodyOf('{ viewer { id } }'),
  status: 200,
  code: '',
}
const filtered = longFilters.map<Attack>(({ name, filter }) => ({
  name: `a filter of ${name}`,
  headers: json,
  body: bodyOf(filteredContacts, { filter }),
  status: 200,
  code: '',
}))

/** Measures the time to refuse each attack, compared with a normal query, in one run on one machine. */
async function compare(): Promise<void> {
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}, ` +
      `embedded database; ${rounds} rounds, one request at a time.\n`,
  )
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'rex-bench-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const server = await startServer(startCommand(), { REX_DATA_DIR: folder, REX_API_KEY: apiKey, LOG_LEVEL: 'fatal' })
  started.defer(() => server.stop())
  printTable(await measureInTurns(server.url, [trivial, ...attacks, ...filtered]))
}

interface Timed {
  readonly attack: Attack
  readonly timesMs: readonly number[]
}

/** Measures all requests in each round, so that other load on the machine affects all of them equally. */
async function measureInTurns(url: string, all: readonly Attack[]): Promise<Timed[]> {
  const times = all.map((): number[] => [])
  for (let round = 0; round < warmUpRounds + rounds; round++)
    for (const [nth, attack] of all.entries()) {
      const timeMs = await time(url, attack, round)
      if (round >= warmUpRounds) times[nth]?.push(timeMs)
    }
  return all.map((attack, nth) => ({ attack, timesMs: (times[nth] ?? []).toSorted((a, b) => a - b) }))
}

async function time(url: string, attack: Attack, round: number): Promise<number> {
  const { method = 'POST', search = '', headers = {}, body } = withUniqueDocument(attack, round)
  const began = performance.now()
  const response = await fetch(`${url}/graphql${search}`, {
    method,
    headers: { accept: 'application/graphql-response+json', 'x-api-key': apiKey, ...headers },
    body: body ?? null,
  })
  await response.arrayBuffer()
  if (response.status !== attack.status)
    throw new Error(`${attack.name}: expected ${attack.status}, got ${response.status}.`)
  return performance.now() - began
}

/** Makes the document unique, because the server caches parsed and validated documents. */
function withUniqueDocument(attack: Attack, round: number): Attack {
  if (attack.body === undefined) return attack
  return { ...attack, body: attack.body.replace('{"query":"', `{"query":"#${round}\\n`) }
}

function printTable(all: readonly Timed[]): void {
  const [first] = all
  const trivialMs = medianOf(first)
  console.log('| request | status | median ms | slowest ms | ÷ trivial |\n| --- | --: | --: | --: | --: |')
  for (const timed of all) {
    const { name, status } = timed.attack
    const times = [medianOf(timed), timed.timesMs.at(-1) ?? 0].map((ms) => ms.toFixed(1))
    console.log(`| ${[name, status, ...times, (medianOf(timed) / trivialMs).toFixed(1)].join(' | ')} |`)
  }
}

function medianOf(timed: Timed | undefined): number {
  return timed?.timesMs[Math.floor(timed.timesMs.length / 2)] ?? Number.NaN
}

function bodyOf(query: string, variables?: object): string {
  return JSON.stringify({ query, variables })
}

await compare()
