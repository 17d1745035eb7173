import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { servePage } from '../support/page-server.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

it('a page of an origin in REX_GRAPHQL_ORIGINS queries, and subscribes over WebSocket', async (context) => {
  const origin = await servePage()
  const app = await startTestApp({ REX_GRAPHQL_ORIGINS: origin })
  context.onTestFinished(() => app.stop())
  const page = await openPage(context)
  await page.goto(origin)
  expect(await query(page, app)).toMatchObject({ data: { viewer: { id: expect.stringMatching(/^key_/) } } })
  await subscribe(page, app)
  await eventually(
    async () => (await messages(page)).includes('connection_ack'),
    () => messages(page),
  )
  await eventually(
    async () => {
      await createApiClient(app).capture({ email: `page-${crypto.randomUUID()}@example.com` })
      return /"type":"next".*"contactCreated".*page-/.test(await messages(page))
    },
    () => messages(page),
  )
})

it('a page of any other origin can do neither', async (context) => {
  const [origin, friend] = await Promise.all([servePage(), servePage()])
  for (const settings of [{}, { REX_GRAPHQL_ORIGINS: friend }]) {
    const app = await startTestApp(settings)
    context.onTestFinished(() => app.stop())
    const page = await openPage(context)
    await page.goto(origin)
    expect(await query(page, app)).toBe('TypeError: Failed to fetch')
    await subscribe(page, app)
    await eventually(
      async () => (await messages(page)).includes('closed'),
      () => messages(page),
    )
    expect(await messages(page)).toBe('["closed 1006"]')
  }
})

/** What a page gets, or why it gets nothing. */
function query(page: Page, { url, key }: TestApp): Promise<unknown> {
  return page.evaluate(
    async ({ url, key }) => {
      const headers = { 'content-type': 'application/json', 'x-api-key': key }
      const body = '{"query":"{ viewer { id } }"}'
      try {
        return await (await fetch(`${url}/graphql`, { method: 'POST', headers, body })).json()
      } catch (error) {
        return String(error)
      }
    },
    { url, key },
  )
}

/** What the page's socket gets goes into its title. */
function subscribe(page: Page, { url, key }: TestApp): Promise<void> {
  const script = `{
    const got = []
    const note = (text) => { got.push(text); document.title = JSON.stringify(got) }
    const socket = new WebSocket(${JSON.stringify(`${url.replace('http', 'ws')}/graphql`)}, 'graphql-transport-ws')
    const send = (message) => socket.send(JSON.stringify(message))
    socket.onopen = () => send({ type: 'connection_init', payload: { apiKey: ${JSON.stringify(key)} } })
    socket.onclose = ({ code }) => note('closed ' + code)
    socket.onmessage = ({ data }) => {
      note(JSON.parse(data))
      if (JSON.parse(data).type === 'connection_ack')
        send({ id: '1', type: 'subscribe', payload: { query: 'subscription { contactCreated { contact { email } } }' } })
    }
  }`
  return page.evaluate(script)
}

function messages(page: Page): Promise<string> {
  return page.title()
}
