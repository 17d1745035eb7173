import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import { findDatabaseServer } from './bench-database.ts'
import { type Measured, measure } from './load.ts'
import { printRow } from './report.ts'
import { type ServerProcess, startCommand, startServer } from './server-process.ts'

const connections = 1000
const everyMs = 500
/** Groups of connections, so that not all of them send at the same moment. */
const turns = 10
const durationMs = 8000
const manyRanges = Array.from({ length: 1000 }, (_, nth) => `5-${nth}`).join()

/** Modes of slowhttptest: the bytes that each connection sends first, and those that it repeats. */
const modes = {
  'headers that do not end': { begin: 'POST /capture HTTP/1.1\r\nHost: localhost\r\n', continuation: 'X-a: b\r\n' },
  'bodies that do not end': {
    begin:
      'POST /capture HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 8192\r\n\r\n{',
    continuation: ' ',
  },
  'a thousand ranges of the script, over and over': {
    begin: '',
    continuation: `GET /capture.js HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-,${manyRanges}\r\n\r\n`,
  },
} as const

/** Measures the captures of one caller, alone and beside a thousand slow connections. */
async function compare(): Promise<void> {
  const databases = await findDatabaseServer()
  await using started = new AsyncDisposableStack()
  const database = await databases.createDatabase()
  started.defer(() => database.drop())
  const rex = await startServer(startCommand(), { ...database.environment, LOG_LEVEL: 'warn' })
  started.defer(() => rex.stop())
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}, ` +
      `${databases.description}; ${connections} connections, each a piece every ${everyMs} ms; one caller.\n`,
  )
  const caller = { callers: 1, durationMs }
  await measure(rex.url, caller) // Warm-up.
  const alone = await measure(rex.url, caller)
  printRow(['beside', 'p50 ms', 'p95 ms', 'slowest ms', 'p95 ÷ alone'])
  printRow(['---', '--:', '--:', '--:', '--:'])
  report('nobody', alone, alone)
  for (const [name, mode] of Object.entries(modes)) {
    const crowd = await openCrowd(rex, mode)
    report(name, await measure(rex.url, caller), alone)
    crowd.close()
  }
}

function report(name: string, { p50Ms, p95Ms, maxMs }: Measured, alone: Measured): void {
  printRow([name, p50Ms.toFixed(1), p95Ms.toFixed(1), maxMs.toFixed(1), (p95Ms / alone.p95Ms).toFixed(2)])
}

/** Opens the connections and keeps them busy; reopens those that the server closes. */
async function openCrowd({ url }: ServerProcess, { begin, continuation }: (typeof modes)[keyof typeof modes]) {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  const open = async () => {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {}) // The server cuts the connection off, as expected.
    socket.on('close', () => sockets.delete(socket))
    socket.resume()
    await once(socket, 'connect')
    sockets.add(socket)
    socket.write(begin)
  }
  const refill = () => Promise.all(Array.from({ length: connections - sockets.size }, open))
  await refill()
  let turn = 0
  const timer = setInterval(() => {
    turn = (turn + 1) % turns
    for (const [nth, socket] of [...sockets].entries()) if (nth % turns === turn) socket.write(continuation)
    void refill()
  }, everyMs / turns)
  return {
    close: () => {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
    },
  }
}

await compare()
