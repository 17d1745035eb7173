import { availableParallelism } from 'node:os'
import { type BenchServer, findDatabaseServer } from './bench-database.ts'
import { type Measured, measure, medianOf } from './load.ts'
import { type Compared, printMemory, printRates } from './report.ts'
import { nodeCommand, type ServerProcess, startCommand, startServer } from './server-process.ts'

const rounds = 5
const roundMs = 1000
const warmUpMs = 2000
const manyCallers = 64
const callerCounts = [1, manyCallers]

interface Target {
  readonly name: Compared
  readonly server: ServerProcess
}

/** Compares captures on Rex, on the same writes without batches, and on a bare server, in one run on one machine. */
async function compare(): Promise<void> {
  const databases = await findDatabaseServer()
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}, ` +
      `${databases.description}; load, servers and database on this machine.\n` +
      `Median of ${rounds} rounds of ${roundMs / 1000} s.\n`,
  )
  await using started = new AsyncDisposableStack()
  disposeOnInterrupt(started)
  const targets: Target[] = [
    { name: 'bare', server: stopAtEnd(started, await startServer(nodeCommand('bare-server.ts'))) },
    { name: 'rex', server: await startOnDatabase(started, databases, startCommand()) },
    { name: 'unbatched', server: await startOnDatabase(started, databases, nodeCommand('unbatched-server.ts')) },
  ]
  const idle = memoryOf(targets)
  for (const { server } of targets) await measure(server.url, { callers: manyCallers, durationMs: warmUpMs })
  const measured = await measureInTurns(targets)
  printRates(callerCounts, (name, callers) => medianOf(measured.get(`${name} ${callers}`) ?? []))
  printMemory(idle, memoryOf(targets))
}

/** Measures all servers in each round, so that other load on the machine affects all of them equally. */
async function measureInTurns(targets: readonly Target[]): Promise<Map<string, Measured[]>> {
  const measured = new Map<string, Measured[]>()
  for (let round = 0; round < rounds; round++)
    for (const callers of callerCounts)
      for (const { name, server } of targets) {
        const key = `${name} ${callers}`
        measured.set(key, [...(measured.get(key) ?? []), await measure(server.url, { callers, durationMs: roundMs })])
      }
  return measured
}

async function startOnDatabase(started: AsyncDisposableStack, databases: BenchServer, command: string) {
  const database = await databases.createDatabase()
  started.defer(() => database.drop())
  return stopAtEnd(started, await startServer(command, database.environment))
}

function stopAtEnd(started: AsyncDisposableStack, server: ServerProcess): ServerProcess {
  started.defer(() => server.stop())
  return server
}

function memoryOf(targets: readonly Target[]): Map<Compared, number | undefined> {
  return new Map(targets.map(({ name, server }) => [name, server.residentMb()]))
}

/** Stops all servers and drops all databases on Ctrl-C. */
function disposeOnInterrupt(started: AsyncDisposableStack): void {
  process.once('SIGINT', () => {
    const end = () => process.exit(130)
    started.disposeAsync().then(end, end)
  })
}

await compare()
