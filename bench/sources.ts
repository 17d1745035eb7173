import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'undici'
import { findDatabaseServer } from './bench-database.ts'
import { printHostileCosts } from './hostile-sources.ts'
import { median } from './load.ts'
import { printEnvironment, printHead, printRow, recordResult } from './report.ts'
import { type ServerProcess, startCommand, startServer } from './server-process.ts'
import { roundCount, sized } from './sizes.ts'

const apiKey = 'bench-admin-key-0123456789-0123456789'
const callers = 16
const requestsPerRound = sized({ whole: 1600, short: 100 })
const warmUpRounds = 2
const rounds = roundCount(9)
const json = { 'content-type': 'application/json' }

const fixture = join(import.meta.dirname, '../test/fixtures/sources/typeform.json')
/** The payload as the tool sends it: without spaces between its values. */
const typeformPayload = JSON.stringify(JSON.parse(readFileSync(fixture, 'utf8')))

interface Target {
  readonly name: string
  readonly path: string
  readonly status: number
  bodyOf(nth: number): string
}

/** Compares the CPU time of the server for a payload of a tool with that for a capture of the same size, in one run. */
async function compare(): Promise<void> {
  const databases = await findDatabaseServer()
  await using started = new AsyncDisposableStack()
  const database = await databases.createDatabase()
  started.defer(() => database.drop())
  const environment = { ...database.environment, REX_API_KEY: apiKey, REX_SOURCE_RATE: '0', LOG_LEVEL: 'warn' }
  const server = await startServer(startCommand(), environment)
  started.defer(() => server.stop())
  printEnvironment(
    databases.description,
    `bodies of ${sourceBody(0).length} bytes, ${callers} callers, medians of ${rounds} rounds of ${requestsPerRound} requests.`,
  )
  const targets: Target[] = [
    { name: '`/capture`', path: '/capture', status: 201, bodyOf: captureBody },
    { name: 'a Typeform source', path: await createSource(server, 'typeform'), status: 200, bodyOf: sourceBody },
    { name: 'a generic source', path: await createSource(server, 'generic'), status: 200, bodyOf: sourceBody },
  ]
  print(targets, await measureInTurns(server, targets))
}

/** Returns the path of a new source's URL. */
async function createSource({ url }: ServerProcess, kind: string): Promise<string> {
  const response = await fetch(`${url}/sources`, {
    method: 'POST',
    headers: { ...json, 'x-api-key': apiKey },
    body: JSON.stringify({ name: kind, kind }),
  })
  if (response.status !== 201) throw new Error(`Expected 201, got ${response.status}.`)
  const { data } = (await response.json()) as { data: { url: string } }
  return new URL(data.url).pathname
}

/** Returns Typeform's payload with another person and another id each time, always of the same size. */
function sourceBody(nth: number): string {
  const digits = String(nth).padStart(8, '0')
  return typeformPayload.replace('jane.typeform@', `jane.${digits}@`).replace('tok_1234567890', `tok_00${digits}`)
}

/** Returns a capture with the fields of Typeform's payload, and a text that makes it as long. */
function captureBody(nth: number): string {
  const lead = {
    email: `jane.${String(nth).padStart(8, '0')}@example.com`,
    first_name: 'Jane',
    last_name: 'Doe',
    source: 'Demo request',
    metadata: {
      phone: '+14155550123',
      company: 'Acme Ltd',
      plan: 'Pro',
      utm_source: 'google',
      utm_medium: 'cpc',
      utm_campaign: 'spring-launch',
      message: '',
    },
  }
  lead.metadata.message = 'x'.repeat(sourceBody(nth).length - JSON.stringify(lead).length)
  return JSON.stringify(lead)
}

/** Measures all targets in each round, so that other load on the machine affects all of them equally; ms of CPU a request. */
async function measureInTurns(server: ServerProcess, targets: readonly Target[]): Promise<number[][]> {
  const measured = targets.map((): number[] => [])
  const clients = Array.from({ length: callers }, () => new Client(server.url))
  for (let round = 0; round < warmUpRounds + rounds; round++)
    for (const [index, target] of targets.entries()) {
      const cpuBefore = server.cpuMs()
      await Promise.all(clients.map((client) => call(client, target)))
      if (round >= warmUpRounds) measured[index]?.push((server.cpuMs() - cpuBefore) / requestsPerRound)
    }
  await Promise.all(clients.map((client) => client.close()))
  return measured
}

let leads = 0

async function call(client: Client, { path, status, bodyOf }: Target): Promise<void> {
  for (let sent = 0; sent < requestsPerRound / callers; sent++) {
    leads += 1
    const { statusCode, body } = await client.request({ method: 'POST', path, headers: json, body: bodyOf(leads) })
    const text = await body.text()
    if (statusCode !== status || text.includes('"held"'))
      throw new Error(`Expected ${status}, got ${statusCode}: ${text}`)
  }
}

/** Prints the medians; the ratio is the median of the rounds' ratios. */
function print(targets: readonly Target[], measured: readonly number[][]): void {
  const [plain = []] = measured
  printHead(['requests to', 'CPU of the server a request, ms', '÷ `/capture`'])
  for (const [index, { name }] of targets.entries()) {
    const times = measured[index] ?? []
    const ratios = times.map((time, round) => time / (plain[round] ?? Number.NaN))
    printRow([name, median(times).toFixed(3), median(ratios).toFixed(2)])
    if (index > 0)
      recordResult({ work: name, figure: 'CPU ÷ `/capture`', value: median(ratios), wanted: { atMost: 1.5 } })
  }
}

await compare()
await printHostileCosts()
