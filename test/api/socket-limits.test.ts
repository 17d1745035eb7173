import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { createGraphqlServer } from '../../src/graphql/graphql-server.ts'
import { socketPlaces } from '../../src/graphql/transport/websocket/socket-limits.ts'
import { createNodeServer } from '../../src/server/node-server.ts'
import type { Identify } from '../../src/workspaces/identify.ts'
import { createWorkspace } from '../../src/workspaces/workspace.ts'
import { eventually } from '../support/eventually.ts'
import { type GraphqlContext, startGraphqlContext } from '../support/graphql-context.ts'
import { parseRaw, sendRaw } from '../support/raw-http.ts'
import { openSocket, openSocketWithKey } from '../support/raw-socket.ts'
import { startTestApp } from '../support/test-app.ts'
import { silentLog } from '../support/test-parts.ts'

type Places = ReturnType<typeof socketPlaces>

const many: Places = { perKey: 100, perAddress: 100, unknownPerAddress: 100 }

it('the places of sockets follow REX_SOCKET_LIMIT', async () => {
  const app = await startTestApp({ REX_SOCKET_LIMIT: '2' })
  onTestFinished(() => app.stop())
  const held = [await openSocketWithKey(app), await openSocketWithKey(app)]
  expect((await openSocket(app)).status).toBe(429)
  held[0]!.socket.terminate()
  await eventually(
    async () => (await openSocket(app)).status === 101,
    () => 'no place is free again',
  )
  expect(socketPlaces(2000)).toEqual({ perKey: 2000, perAddress: 2000, unknownPerAddress: 1500 })
  expect(socketPlaces(1)).toEqual({ perKey: 1, perAddress: 1, unknownPerAddress: 1 })
})

describe('sockets', () => {
  let parts: GraphqlContext
  const keys: string[] = []

  beforeAll(async () => {
    parts = await startGraphqlContext()
    for (const slug of ['one', 'two']) {
      const made = await createWorkspace(parts.context.database, { slug, name: slug, actor: 'system' })
      if (made.kind === 'created') keys.push(made.token)
    }
  })

  afterAll(() => parts?.stop())

  /** A server with so many places; answers its URL. */
  const serve = async (places: Partial<Places>, identify = parts.context.identify): Promise<string> => {
    const graphql = createGraphqlServer({ ...parts.context, identify }, { ...many, ...places })
    const handlers = { handle: () => {}, upgrade: graphql.handleUpgrade }
    const server = createNodeServer(handlers, parts.context.pendingResponses, silentLog).listen(0, '127.0.0.1')
    onTestFinished(async () => {
      await graphql.stop()
      server.close()
    })
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
  }

  const open = async (url: string) => {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws')
    onTestFinished(() => socket.terminate())
    const status = await new Promise<number | undefined>((resolve, reject) => {
      socket.once('open', () => resolve(101))
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode))
      socket.once('error', reject)
    })
    socket.on('error', () => {}) // A refused one is cut before it was open.
    return { socket, status }
  }

  /** What its connection_init comes to. */
  const init = (socket: WebSocket, key: string) =>
    new Promise<number | 'acknowledged'>((resolve) => {
      socket.once('close', resolve)
      socket.once('message', () => resolve('acknowledged'))
      socket.send(JSON.stringify({ type: 'connection_init', payload: { apiKey: key } }))
    })

  const connect = async (url: string, key: string) => {
    const { socket } = await open(url)
    return { socket, came: await init(socket, key) }
  }

  const eventuallyConnects = (url: string, key: string) =>
    eventually(
      async () => (await connect(url, key)).came === 'acknowledged',
      () => 'no place is free again',
    )

  it('of one key are so many; one more is closed with 1013, after which clients try again', async () => {
    const url = await serve({ perKey: 2 })
    const first = await connect(url, keys[0]!)
    expect([first.came, (await connect(url, keys[0]!)).came]).toEqual(['acknowledged', 'acknowledged'])
    expect((await connect(url, keys[0]!)).came).toBe(1013)
    expect((await connect(url, keys[1]!)).came).toBe('acknowledged')
    first.socket.close()
    await eventuallyConnects(url, keys[0]!)
    expect((await connect(url, keys[0]!)).came).toBe(1013)
  })

  it('give their places back when they go while their key is looked up', async () => {
    const gate = Promise.withResolvers<void>()
    let looking = 0
    const identify: Identify = async (request) => {
      looking += 1
      await gate.promise
      return parts.context.identify(request)
    }
    const url = await serve({ perKey: 1 }, identify)
    const gone = await open(url)
    void init(gone.socket, keys[0]!)
    await eventually(
      () => looking === 1,
      () => 'nobody looks',
    )
    gone.socket.terminate()
    // The other socket's greeting comes after the end of the first one.
    const next = await open(url)
    const came = init(next.socket, keys[0]!)
    await eventually(
      () => looking === 2,
      () => `${looking} look`,
    )
    gate.resolve()
    expect(await came).toBe('acknowledged')
  })

  it('of one address are so many; one more is refused at the upgrade with 429', async () => {
    const url = await serve({ perAddress: 2 })
    const [first] = [await open(url), await open(url)]
    const refused = parseRaw(await sendRaw(url, upgradeRequest))
    expect(refused).toMatchObject({ status: 429, json: { error: { code: 'rate_limited' } } })
    expect(refused.head).toMatch(/^retry-after: \d+$/m)
    first?.socket.terminate()
    await eventuallyConnects(url, keys[0]!)
  })

  it('that never come to be take no place', async () => {
    const url = await serve({ perAddress: 1 })
    const broken = upgradeRequest.replace('Sec-WebSocket-Version: 13', 'Sec-WebSocket-Version: 1')
    for (let nth = 0; nth < 5; nth++) await sendRaw(url, broken)
    await eventuallyConnects(url, keys[0]!)
  })

  it('that have not said who they are are fewer', async () => {
    const url = await serve({ unknownPerAddress: 1 })
    const { socket } = await open(url)
    expect((await open(url)).status).toBe(429)
    expect(await init(socket, keys[0]!)).toBe('acknowledged')
    expect((await open(url)).status).toBe(101)
  })
})

const upgradeRequest = [
  'GET /graphql HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Protocol: graphql-transport-ws',
  '',
  '',
].join('\r\n')
