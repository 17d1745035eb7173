import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { launchRex } from '../support/rex-process.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'

const adminKey = 'unread-answers-admin-key-0123456789'
const sockets = 100
/** Fewer in all than an address may ask for in a minute; each test has an address of its own. */
const requestsEach = 10
let addresses = 0

/** Every path that needs no key, as callers without Accept-Encoding ask for it, and the largest answers of a key. */
const keyless = [
  ...['/', '/graphql', '/docs', '/capture.js', '/openapi.json', '/schema.graphql', '/altcha.js', '/capture/challenge'],
  ...[
    '/graphiql/graphiql.js',
    '/graphiql/graphql.worker.js',
    '/dashboard/source-tools.json',
    '/nothing',
    '/healthz',
    '/metrics',
  ],
]
const largeQuery = JSON.stringify({
  query:
    '{ contacts(first: 100) { nodes { id email firstName lastName metadata submissions(first: 5) { nodes { id fields } } } } }',
})

describe('11.2: readers that take nothing of their answers', () => {
  let own: OwnDatabase
  let rex: { readonly url: string; signal(signal: NodeJS.Signals): Promise<unknown> }
  let pid: number
  let whileRead: number

  beforeAll(async () => {
    own = await createTestDatabase()
    const launched = launchRex({ ...own.environment, PORT: '0', REX_API_KEY: adminKey, REX_CAPTURE_RATE: '0' })
    rex = { url: await launched.listens, signal: launched.signal }
    pid = launched.pid
    const api = createApiClient({ url: rex.url, key: adminKey })
    const note = 'x'.repeat(500)
    const metadata = Object.fromEntries(Array.from({ length: 20 }, (_, nth) => [`note_${nth}`, note]))
    for (let nth = 0; nth < 120; nth++) await api.capture({ email: `person-${nth}@example.com`, metadata })
    whileRead = Math.max(await warmUp(rex.url, () => rssOf(pid)), await readAtOnce())
  })
  afterAll(async () => {
    await rex?.signal('SIGTERM')
    await own?.drop()
  })

  /** Sends as many large operations at once as the test does, and reads the answers. Returns the most memory that it takes. */
  const readAtOnce = async () => {
    let highest = 0
    for (let round = 0; round < 2; round++) {
      const reading = Array.from({ length: sockets }, () => read(rex.url, requestOf('POST /graphql')))
      for (const began = performance.now(); performance.now() - began < 8000; ) {
        await fetch(`${rex.url}/healthz`)
        highest = Math.max(highest, rssOf(pid))
        await setTimeout(5)
      }
      for (const socket of reading) socket.destroy()
    }
    return highest
  }

  const requestOf = (path: string) => {
    const { host } = new URL(rex.url)
    if (path === 'POST /graphql')
      return `POST /graphql HTTP/1.1\r\nHost: ${host}\r\nX-Api-Key: ${adminKey}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(largeQuery)}\r\n\r\n${largeQuery}`
    const accept = path === '/graphql' ? 'Accept: text/html\r\n' : ''
    return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${accept}\r\n`
  }

  it.for([...keyless, 'POST /graphql'])('cost no memory and delay nobody: %s', async (path, { annotate }) => {
    // V8 collects the garbage of large operations late, whoever reads the answers: that is not what is measured.
    const before = path === 'POST /graphql' ? Math.max(whileRead, rssOf(pid)) : rssOf(pid)
    const address = `127.0.1.${++addresses}`
    const held = Array.from({ length: sockets }, () => hold(rex.url, requestOf(path), address))
    let highest = before
    let slowestMs = 0
    let busiestMs = 0
    // An operation takes longer than a file, and so does what a hundred of them would come to.
    const watchedMs = path === 'POST /graphql' ? 8000 : 1500
    for (const began = performance.now(); performance.now() - began < watchedMs; ) {
      const [beganAt, usedMs] = [performance.now(), mainThreadMs(pid)]
      expect((await fetch(`${rex.url}/healthz`)).status).toBe(200)
      slowestMs = Math.max(slowestMs, performance.now() - beganAt)
      busiestMs = Math.max(busiestMs, mainThreadMs(pid) - usedMs)
      highest = Math.max(highest, rssOf(pid))
      await setTimeout(5)
    }
    for (const socket of held) socket.destroy()
    const megabytes = ((highest - before) / 1e6).toFixed(0)
    await annotate(
      `${path}: ${megabytes} MB more, slowest /healthz ${slowestMs.toFixed(0)} ms, CPU ${busiestMs.toFixed(0)} ms`,
    )
    expect(highest - before).toBeLessThan(50_000_000)
    // Bounds on harm and not on speed: both were over ten seconds once. The first is the work of the main thread while
    // a response waits, which other processes of the machine do not add to.
    expect(busiestMs).toBeLessThan(1000)
    expect(slowestMs).toBeLessThan(5000)
  })

  it('are closed, and the others are served', async () => {
    const socket = hold(rex.url, requestOf('/graphiql/graphiql.js'), '127.0.2.1')
    // Nothing is read, so only a write finds out that the other end is gone.
    await eventually(
      () => {
        socket.write('\r\n')
        return socket.destroyed
      },
      () => 'still open',
      40_000,
    )
    expect((await fetch(`${rex.url}/docs`)).status).toBe(200)
  })
})

function hold(url: string, request: string, localAddress: string): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), localAddress })
  socket.on('error', () => {})
  socket.pause()
  socket.write(request.repeat(requestsEach))
  return socket
}

function read(url: string, request: string): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.on('error', () => {})
  socket.resume()
  socket.write(request.repeat(requestsEach))
  return socket
}

/** The first requests of a kind make the heap grow, whoever reads their answers. Returns the most that it has come to. */
async function warmUp(url: string, rss: () => number): Promise<number> {
  const post = {
    method: 'POST',
    headers: { 'x-api-key': adminKey, 'content-type': 'application/json' },
    body: largeQuery,
  }
  let highest = 0
  const readOne = async () => {
    await (await fetch(`${url}/graphql`, post)).arrayBuffer()
    highest = Math.max(highest, rss())
  }
  for (let round = 0; round < 30; round++) await Promise.all(Array.from({ length: 10 }, readOne))
  for (let round = 0; round < 40; round++)
    for (const path of keyless) await (await fetch(url + path, { headers: { accept: 'text/html' } })).arrayBuffer()
  return highest
}

function rssOf(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

/** CPU time that the main thread has used, as the kernel counts it. */
function mainThreadMs(pid: number): number {
  const [nanoseconds] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
  return Number(nanoseconds) / 1e6
}
