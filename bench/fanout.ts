import { availableParallelism } from 'node:os'
import { findDatabaseServer } from './bench-database.ts'
import { nodeCommand, type ServerProcess, startCommand, startServer } from './server-process.ts'
import { openSockets, type Sockets } from './sockets.ts'

const socketCount = 1000
const eventCount = 100
const rounds = 5
const key = 'bench-fanout-key-0123456789-0123456789'

interface Round {
  readonly perSecond: number
  readonly cpuMicroseconds: number
}

/** Compares the fan-out of captures to 1,000 sockets on Rex and on stock Yoga with graphql-ws, in one run. */
async function compare(): Promise<void> {
  const databases = await findDatabaseServer()
  const database = await databases.createDatabase()
  await using started = new AsyncDisposableStack()
  started.defer(() => database.drop())
  const environment = { ...database.environment, REX_API_KEY: key, REX_CAPTURE_RATE: '0', LOG_LEVEL: 'warn' }
  const targets = [
    { name: 'stock Yoga with graphql-ws', server: await startServer(nodeCommand('stock-server.ts')) },
    { name: 'Rex', server: await startServer(startCommand(), environment) },
  ]
  for (const { server } of targets) started.defer(() => server.stop())
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}, ` +
      `${databases.description}; ${socketCount} sockets with the same subscription, ${eventCount} captures a round, ` +
      `median of ${rounds} rounds.\n`,
  )
  console.log('| server | messages/s | CPU of the server a message, µs | RSS an idle socket, KB |\n|---|--:|--:|--:|')
  for (const { name, server } of targets) await report(name, server)
}

async function report(name: string, server: ServerProcess): Promise<void> {
  const before = server.residentMb() ?? Number.NaN
  const sockets = await openSockets(server.url, key, socketCount)
  const perSocket = ((server.residentMb() ?? Number.NaN) - before) * (1024 / socketCount)
  const measured: Round[] = []
  for (let round = 0; round <= rounds; round++) measured.push(await measure(server, sockets))
  await sockets.close()
  const warm = measured.slice(1)
  const median = (pick: (round: Round) => number) => warm.map(pick).sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0
  const cells = [
    name,
    median(({ perSecond }) => perSecond).toFixed(0),
    median(({ cpuMicroseconds }) => cpuMicroseconds).toFixed(1),
    perSocket.toFixed(1),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}

/** Measures the time from the first capture to the last message that a socket received. */
async function measure(server: ServerProcess, sockets: Sockets): Promise<Round> {
  const cpuBefore = server.cpuMs()
  const start = performance.now()
  const arrived = sockets.receive(socketCount * eventCount)
  await Promise.all(Array.from({ length: eventCount }, () => capture(server.url)))
  await arrived
  const seconds = (performance.now() - start) / 1000
  const messages = socketCount * eventCount
  return { perSecond: messages / seconds, cpuMicroseconds: ((server.cpuMs() - cpuBefore) * 1000) / messages }
}

let leads = 0

async function capture(url: string): Promise<void> {
  const lead = { email: `lead-${leads++}@example.com`, first_name: 'Jane', last_name: 'Doe', source: 'organic' }
  const response = await fetch(`${url}/capture`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(lead),
  })
  if (response.status !== 201) throw new Error(`Expected 201, got ${response.status}.`)
  await response.arrayBuffer()
}

await compare()
