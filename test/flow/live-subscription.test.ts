import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { startDatabaseProxy as startProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, type GraphqlClient } from '../support/graphql-client.ts'
import { startTestApp } from '../support/test-app.ts'

const example = fileURLToPath(new URL('../../examples/live-subscription/live.mjs', import.meta.url))
const cuts = 10
const perCut = 60

describe('examples/live-subscription', () => {
  it('gives every event once and in order, however often its connection is cut', async () => {
    const app = await startTestApp()
    onTestFinished(() => app.stop())
    const proxy = await startProxy(app.url)
    onTestFinished(() => proxy.stop())
    const api = createApiClient(app)
    const first = run({ REX_URL: proxy.url, REX_API_KEY: app.key })

    // It comes again only once it knows that the log is empty: from here on it must miss nothing.
    await eventually(
      () => proxy.connectionCount > 1,
      () => `${proxy.connectionCount} connections`,
    )
    for (let cut = 0; cut < cuts; cut++) {
      const emails = Array.from({ length: perCut }, (_, nth) => `lead-${cut}-${nth}@example.com`)
      const capturing = Promise.all(emails.map((email) => api.capture({ email })))
      await setTimeout(cut * 8) // Cuts fall before, into and after what the captures make.
      const before = proxy.connectionCount
      proxy.cut()
      proxy.restore()
      await capturing
      await eventually(
        () => proxy.connectionCount > before,
        () => `no connection after cut ${cut}`,
      )
    }
    const wanted = await logged(createGraphqlClient(app))
    expect(wanted).toHaveLength(cuts * perCut)
    await first.has(wanted.length)
    expect(first.ids()).toEqual(wanted)

    await first.stop()
    const after = first.lines.at(-2)?.split(' ').at(-1) ?? ''
    const second = run({ REX_URL: proxy.url, REX_API_KEY: app.key, REX_AFTER: after })
    await second.has(1)
    await api.capture({ email: 'last@example.com' })
    await second.has(2)
    const [latest] = (await logged(createGraphqlClient(app))).slice(-1)
    expect(second.ids()).toEqual([wanted.at(-1), latest])
    await second.stop()
  })
})

describe('examples/live-subscription without a right', () => {
  it('says so and ends when it is refused', async () => {
    const app = await startTestApp()
    onTestFinished(() => app.stop())
    const refused = run({ REX_URL: app.url, REX_API_KEY: 'not a key of this workspace' })
    expect(await refused.exitCode).toBe(1)
    const misplaced = run({ REX_URL: app.url, REX_API_KEY: app.key, REX_AFTER: 'nonsense' })
    expect(await misplaced.exitCode).toBe(1)
  })

  it('does not start without a key', () => {
    const ended = spawnSync(process.execPath, [example], { env: {}, encoding: 'utf8' })
    expect(ended).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('REX_API_KEY') })
  })
})

/** The example as a process of its own. */
function run(env: Record<string, string>) {
  const child: ChildProcess = spawn(process.execPath, [example], { env, stdio: ['ignore', 'pipe', 'ignore'] })
  const exitCode = once(child, 'exit').then(([code]) => code as number | null)
  onTestFinished(() => void child.kill())
  const lines: string[] = []
  createInterface({ input: child.stdout! }).on('line', (line) => lines.push(line))
  return {
    lines,
    exitCode,
    ids: () => lines.map((line) => line.split(' ')[2]),
    has: (count: number) =>
      eventually(
        () => lines.length >= count,
        () => `${lines.length} of ${count} events`,
        30_000,
      ),
    stop: async () => {
      child.kill()
      await exitCode
    },
  }
}

/** The ids of all events, in order. */
async function logged(graphql: GraphqlClient): Promise<string[]> {
  const ids: string[] = []
  for (let after: string | null = null; ; ) {
    const { data } = await graphql(
      'query ($after: String) { events(first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }',
      { after },
    )
    const { nodes, pageInfo } = data['events'] as {
      nodes: { id: string }[]
      pageInfo: { hasNextPage: boolean; endCursor: string }
    }
    ids.push(...nodes.map(({ id }) => id))
    if (!pageInfo.hasNextPage) return ids.reverse()
    after = pageInfo.endCursor
  }
}
