import { Agent, request } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { createReadiness } from '../../src/server/readiness.ts'
import { createWorkspace } from '../../src/workspaces/workspace.ts'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { send, sendJson } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { expectNotReady, expectProblem } from '../support/problem.ts'
import { parseRaw, sendRaw } from '../support/raw-http.ts'
import { withSourceDoor } from '../support/source-door.ts'
import { createTestDatabase } from '../support/test-database.ts'

const running: TestHttp[] = []

async function start(...options: Parameters<typeof startTestHttp>) {
  const rex = await startTestHttp(...options)
  running.push(rex)
  return rex
}

afterEach(async () => {
  for (const rex of running.splice(0)) await rex.stop()
})

describe('paths and methods', () => {
  test('what nobody answers is 404, and a known path with a wrong method 405 with Allow', async () => {
    let unknownTokens = 0
    const countUnknownToken = async () => void unknownTokens++
    const rex = await start({ replace: (parts) => withSourceDoor(parts, { countUnknownToken }) })
    for (const path of [
      '/nope',
      '/capture//',
      '/Capture',
      '/webhooks/a/b',
      '/%',
      '/webhooks/%zz',
      '//capture',
      '/.env',
    ])
      expectProblem(await send(rex.url, { path }), 404, 'not_found')
    unknownTokens = 0
    const wrong: [string, string, string][] = [
      ['GET', '/capture?x=1', 'OPTIONS, POST'],
      ['PUT', '/capture', 'OPTIONS, POST'],
      ['GET', '/capture/', 'OPTIONS, POST'],
      ['GET', '/capture/?x=1', 'OPTIONS, POST'],
      ['DELETE', '/capture/', 'OPTIONS, POST'],
      ['PROPFIND', '/capture/', 'OPTIONS, POST'],
      ['POST', '/capture/challenge', 'GET, HEAD, OPTIONS'],
      ['PUT', '/capture/challenge?x=1', 'GET, HEAD, OPTIONS'],
      ['PROPFIND', '/capture/challenge', 'GET, HEAD, OPTIONS'],
      ['PUT', '/webhooks', 'GET, HEAD, POST'],
      ['PUT', '/%77ebhooks', 'GET, HEAD, POST'],
      ['POST', '/webhooks/wh%5F1%2F2', 'DELETE, GET, HEAD, PATCH'],
      ['PUT', '/capture#x', 'OPTIONS, POST'],
      ['POST', '/webhooks/wh_1', 'DELETE, GET, HEAD, PATCH'],
      ['PROPFIND', '/healthz', 'GET, HEAD'],
      ['DELETE', '/graphql', 'GET, OPTIONS, POST'],
      ['POST', '/', 'GET, HEAD'],
    ]
    for (const [method, path, allow] of wrong) {
      const answer = await send(rex.url, { method, path, body: 'anything' })
      expectProblem(answer, 405, 'method_not_allowed')
      expect(answer.headers['allow']).toBe(allow)
    }
    expect(unknownTokens).toBe(0)
  })

  test('HEAD is answered like GET, without its body', async () => {
    const rex = await start()
    for (const path of ['/', '/healthz', '/openapi.json', '/nope']) {
      const [head, get] = [await send(rex.url, { method: 'HEAD', path }), await send(rex.url, { path })]
      expect(head).toMatchObject({ status: get.status, text: '' })
      expect(head.headers['content-length']).toBe(get.headers['content-length'])
    }
  })

  test('GraphQL gets its requests whole and answers them itself', async () => {
    const rex = await start()
    const body = 'x'.repeat(100_000)
    const answer = await send(rex.url, {
      method: 'POST',
      path: '/graphql?x=1',
      headers: { host: 'acme.localhost' },
      body,
    })
    expect(answer.text).toBe('graphql got 100000 bytes for acme.localhost')
  })

  test('what goes wrong in GraphQL unforeseen is masked', async () => {
    const addRoutes = (scope: FastifyInstance) => void scope.get('/graphql', () => Promise.reject(new Error('secret')))
    const rex = await start({ replace: (parts) => ({ ...parts, graphql: { ...parts.graphql, addRoutes } }) })
    expectProblem(await send(rex.url, { path: '/graphql' }), 500, 'internal')
  })

  test('a bug is masked, and logged with the id that the caller got', async () => {
    const add = () => Promise.reject(new TypeError('cannot read jane@example.com of undefined'))
    const rex = await start({ replace: (parts) => ({ ...parts, writer: { ...parts.writer, add } }) })
    const answer = await sendJson(rex.url, '/capture', { email: 'jane@example.com' })
    expectProblem(answer, 500, 'internal')
    expect(answer.text).not.toMatch(/jane|undefined|TypeError/)
    const line = rex.logLines.find((each) => each.includes('http.failed'))
    expect(line).toContain(String(answer.json.error!['request_id']))
  })
})

describe('proxies', () => {
  const forwarded = {
    'x-forwarded-host': 'acme.localhost',
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '203.0.113.7',
  }

  test('what a trusted one forwards decides the workspace and the addresses that are shown', async () => {
    const rex = await start({ environment: { REX_TRUSTED_PROXIES: '127.0.0.0/8' } })
    await createWorkspace(rex.database, { slug: 'acme', name: 'Acme', actor: 'system' })
    const mine = await sendJson(rex.url, '/capture', { email: 'a@example.com' })
    const theirs = await sendJson(rex.url, '/capture', { email: 'a@example.com' }, forwarded)
    expect(theirs.status).toBe(201)
    expect(theirs.json.data!['id']).not.toBe(mine.json.data!['id'])
    expect((await send(rex.url, { path: '/', headers: forwarded })).text).toContain('https://acme.localhost/capture')
    const bad = await send(rex.url, { path: '/', headers: { 'x-forwarded-host': 'a"b' } })
    expectProblem(bad, 400, 'bad_host')
  })

  test('what anybody else says is forwarded is not believed', async () => {
    const rex = await start()
    expect((await send(rex.url, { path: '/', headers: forwarded })).text).toContain(`${rex.url}/capture`)
  })
})

describe('health and metrics', () => {
  test('a database that hangs is 503 within two seconds, for captures, webhooks and readiness', async () => {
    const never = () => new Promise<never>(() => {})
    const rex = await start({
      replace: (parts) => {
        const database = { ...parts.database, query: never }
        return { ...parts, identify: never, database, readiness: createReadiness(database) }
      },
    })
    const startedAt = Date.now()
    const answers = await Promise.all([
      sendJson(rex.url, '/capture', { email: 'a@example.com' }),
      send(rex.url, { path: '/webhooks' }),
      send(rex.url, { path: '/readyz' }),
    ])
    expect(Date.now() - startedAt).toBeLessThan(5000)
    for (const answer of answers.slice(0, 2)) expectProblem(answer, 503, 'unavailable')
    expectNotReady(answers[2], { database: 'It does not respond.' })
    expect((await send(rex.url, { path: '/healthz' })).json).toEqual({ data: { status: 'ok' } })
  })

  test('answers are counted by route, never by path', async () => {
    const rex = await start()
    await send(rex.url, { path: '/webhooks/wh_secret?x=secret' })
    await send(rex.url, { path: '/secret' })
    const { text, headers } = await send(rex.url, { path: '/metrics' })
    expect(headers['content-type']).toContain('text/plain')
    expect(text).toContain('rex_http_requests_total{method="GET",route="/webhooks/:id",status="401"} 1')
    expect(text).toContain('rex_http_requests_total{method="GET",route="none",status="404"} 1')
    expect(text).toContain('process_cpu_seconds_total')
    expect(text + rex.logLines.join('')).not.toContain('secret')
  })

  test('metrics are for this machine, and for whoever sends the token', async () => {
    const token = 'metrics-token'
    const rex = await start({ environment: { REX_METRICS_TOKEN: token } })
    const metrics = async (headers: Readonly<Record<string, string>> = {}) =>
      (await send(rex.url, { path: '/metrics', headers })).status
    const fromAfar = { 'x-forwarded-for': '203.0.113.7' }
    expect(await metrics()).toBe(200)
    expect(await metrics({ ...fromAfar, authorization: `Bearer ${token}` })).toBe(200)
    expect(await metrics(fromAfar)).toBe(401)
    expect(await metrics({ ...fromAfar, authorization: 'Bearer metrics-tokem' })).toBe(401)
    expect(await metrics({ ...fromAfar, authorization: `Basic ${token}` })).toBe(401)
  })

  test('without a token in the settings none is right', async () => {
    const rex = await start()
    const answer = await send(rex.url, { path: '/metrics', headers: { authorization: 'Bearer undefined' } })
    expectProblem(answer, 401, 'unauthenticated')
  })

  test('readiness names every part that is missing, and is good again without it', async () => {
    let problem: string | undefined = '1 of 4 is not ready.'
    const rex = await start({
      replace: (parts) => {
        parts.readiness.add('workers', () => problem)
        return parts
      },
    })
    expectNotReady(await send(rex.url, { path: '/readyz' }), { workers: problem })
    problem = undefined
    const { status, json } = await send(rex.url, { path: '/readyz' })
    expect({ status, json }).toEqual({ status: 200, json: { data: { status: 'ok' } } })
  })

  test('a worker has health and metrics, and nothing else', async () => {
    const rex = await start({
      replace: ({ config, database, log, metrics, readiness, pendingResponses, testReceiver }) => ({
        ...{ config, database, log, metrics, readiness, pendingResponses, testReceiver },
      }),
    })
    for (const path of ['/healthz', '/readyz', '/metrics']) expect((await send(rex.url, { path })).status).toBe(200)
    for (const path of ['/', '/webhooks', '/graphql', '/docs', '/openapi.json', '/schema.graphql'])
      expectProblem(await send(rex.url, { path }), 404, 'not_found')
    expectProblem(await sendJson(rex.url, '/capture', { email: 'a@example.com' }), 404, 'not_found')
    const upgrade = 'GET /graphql HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    expect(parseRaw(await sendRaw(rex.url, upgrade)).status).toBe(404)
  })
})

describe('a database that goes away', () => {
  test('is 503 for every call, reads too, and service again when it is back', async () => {
    const own = await createTestDatabase()
    const proxy = await startDatabaseProxy(own.environment.DATABASE_URL ?? '')
    const rex = await start({ environment: { DATABASE_URL: proxy.url } })
    const headers = { 'x-api-key': rex.key }
    const all = () =>
      Promise.all([
        send(rex.url, { path: '/webhooks', headers }),
        send(rex.url, { path: '/readyz' }),
        sendJson(rex.url, '/capture', { email: 'a@example.com' }),
        sendJson(rex.url, '/webhooks', { url: 'https://example.com' }, headers),
      ])
    const statuses = async () => (await all()).map(({ status }) => status).join(' ')
    expect(await statuses()).toBe('200 200 201 201')
    proxy.cut()
    for (const answers of [await all(), await all()]) {
      expectNotReady(answers[1], { database: 'It does not respond.' })
      for (const answer of answers.toSpliced(1, 1)) expectProblem(answer, 503, 'unavailable')
    }
    proxy.restore()
    expect(await statuses()).toBe('200 200 201 201')
    await running.pop()?.stop()
    await proxy.stop()
    await own.drop()
  })
})

describe('stopping', () => {
  test('what has begun is answered, idle connections do not hold it up, and readiness says so before', async () => {
    let release = () => {}
    let waiting = 0
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const rex = await startTestHttp({
      replace: (parts) => {
        const add: typeof parts.writer.add = async (record) => {
          waiting++
          await gate
          return parts.writer.add(record)
        }
        return { ...parts, writer: { ...parts.writer, add } }
      },
    })
    const agent = new Agent({ keepAlive: true })
    await new Promise<void>((resolve, reject) => {
      request(`${rex.url}/healthz`, { agent }, (response) => response.resume().on('end', resolve))
        .on('error', reject)
        .end()
    })
    const begun = sendJson(rex.url, '/capture', { email: 'late@example.com' }, { connection: 'keep-alive' })
    await eventually(
      () => waiting === 1,
      () => `${waiting} captures under way`,
    )

    rex.server.drain()
    expectNotReady(await send(rex.url, { path: '/readyz' }), { server: 'It is stopping.' })
    expect((await send(rex.url, { path: '/healthz' })).status).toBe(200)
    const closed = rex.server.close()
    release()
    const answer = await begun
    expect(answer.status).toBe(201)
    expect(answer.headers['connection']).toBe('close')
    await closed
    agent.destroy()
    await expect(send(rex.url, { path: '/healthz' })).rejects.toThrow('ECONNREFUSED')
    await rex.stop()
  })
})
