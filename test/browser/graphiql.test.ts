import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})

afterAll(() => app?.stop())

it('GraphiQL needs no other server, and runs the sample operations with the key of the box', async (context) => {
  const page = await openPage(context)
  const asked = await letThroughOnly(page, app.url)
  const sockets: string[] = []
  page.on('websocket', (socket) => sockets.push(socket.url()))
  await page.goto(`${app.url}/graphql`)
  await enterKey(page, app.key)

  expect(await sampleOperations(page)).toEqual(['NewestContacts', 'TellMyServer', 'NewContacts'])
  await createApiClient(app).capture({ email: 'queried@example.com' })
  await page.getByRole('menuitem', { name: 'NewestContacts' }).click()
  await resultHolds(page, 'queried@example.com')

  await sampleOperations(page)
  await page.getByRole('menuitem', { name: 'NewContacts' }).click()
  await eventually(
    async () => {
      await createApiClient(app).capture({ email: `live-${crypto.randomUUID()}@example.com` })
      return /"contactCreated"[\s\S]*live-/.test(await resultOf(page))
    },
    () => resultOf(page),
  )
  expect(sockets).toEqual([`${app.url.replace('http', 'ws')}/graphql`])
  expect(asked.filter((url) => !url.startsWith(app.url) && !url.startsWith(`blob:${app.url}`))).toEqual([])
})

it('GraphiQL keeps the key for its tab alone', async (context) => {
  const page = await openPage(context)
  await page.goto(`${app.url}/graphql`)
  await enterKey(page, app.key)
  await page.reload()
  expect(await page.getByLabel('API key').inputValue()).toBe(app.key)
  const other = await page.context().newPage()
  await other.goto(`${app.url}/graphql`)
  expect(await other.getByLabel('API key').inputValue()).toBe('')
  expect(await other.evaluate('JSON.stringify(localStorage) + document.cookie')).not.toContain(app.key)
})

/** Everything that the page asks for; nothing else than this server is there for it. */
async function letThroughOnly(page: Page, url: string): Promise<string[]> {
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.route(
    (target) => target.origin !== url,
    (route) => route.abort(),
  )
  return asked
}

/** Resolves when GraphiQL has the schema, which it gets with the key. */
async function enterKey(page: Page, key: string): Promise<void> {
  await page.locator('.graphiql-execute-button').waitFor()
  const loaded = page.waitForResponse((response) => response.request().method() === 'POST' && response.ok())
  await page.getByLabel('API key').fill(key)
  await page.getByLabel('API key').blur()
  await loaded
}

async function sampleOperations(page: Page): Promise<string[]> {
  await page.locator('.graphiql-execute-button').click()
  await page.getByRole('menuitem').first().waitFor()
  return page.getByRole('menuitem').allTextContents()
}

async function resultOf(page: Page): Promise<string> {
  return (await page.locator('.result-window').textContent()) ?? ''
}

async function resultHolds(page: Page, text: string): Promise<void> {
  await eventually(
    async () => (await resultOf(page)).includes(text),
    () => resultOf(page),
  )
}
