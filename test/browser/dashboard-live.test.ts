import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  captureAs,
  enterKey,
  expectNoWrongs,
  isLive,
  newTenant,
  openDashboardPage,
  openSignedIn,
  showsFeed,
  signIn,
} from '../support/dashboard-page.ts'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { noteCursors } from '../support/event-cursors.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app?.stop())

it('a captured lead slides into the feed by itself, once, and an update changes it in place', async (context) => {
  const tenant = await newTenant(app)
  const dashboard = await openSignedIn(context, tenant)
  const { page } = dashboard
  await page.locator('.feed-card').getByText('No leads yet.').waitFor()
  await captureAs(tenant, { email: 'jane@example.com', first_name: 'Jane', source: 'organic' })
  await captureAs(tenant, { email: 'john@example.com', first_name: 'John' })
  await showsFeed(page, ['John', 'Jane'])
  await captureAs(tenant, { email: 'jane@example.com', first_name: 'Janet', source: 'referral' })
  await showsFeed(page, ['John', 'Janet'])
  await page.locator('.feed li').last().getByText('referral').waitFor()
  const time = page.locator('.feed time').first()
  expect(await time.getAttribute('datetime')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(await time.getAttribute('title')).toMatch(/\d\d:\d\d/)
  expectNoWrongs(dashboard, app.url)
  await page.reload()
  await isLive(page)
  await showsFeed(page, ['John', 'Janet'])
})

it('what was captured while the connection was cut is there once it is back, once each', async (context) => {
  const tenant = await newTenant(app)
  const proxy = await startDatabaseProxy(app.url)
  context.onTestFinished(() => proxy.stop())
  await captureAs(tenant, { email: 'before@example.com', first_name: 'Before' })
  const { page } = await openDashboardPage(context, proxy.url)
  const cursors = noteCursors(page)
  await signIn(page, tenant.key)
  await captureAs(tenant, { email: 'live@example.com', first_name: 'Live' })
  await showsFeed(page, ['Live', 'Before'])
  const [last] = cursors.received.slice(-1)
  const asksForLeads = countQueries(page, 'query RecentLeads')
  proxy.cut()
  await page.getByText('Reconnecting …').waitFor()
  const missed = Array.from({ length: 60 }, (_, nth) => `Missed ${nth}`)
  for (const name of missed)
    await captureAs(tenant, { email: `${name.replace(' ', '-')}@example.com`, first_name: name })
  await captureAs(tenant, { email: 'before@example.com', first_name: 'Changed' })
  proxy.restore()
  await isLive(page)
  await showsFeed(page, missed.reverse().slice(0, 15))
  await captureAs(tenant, { email: 'after@example.com', first_name: 'After' })
  await showsFeed(page, ['After', ...missed.slice(0, 14)])
  // It came by the cursor of the last event, not by reading the list once more, or all events.
  expect(cursors.startedAt.at(-1)).toBe(last)
  expect(cursors.received.length).toBe(1 + missed.length + 1 + 1)
  expect(new Set(cursors.received).size).toBe(cursors.received.length)
  expect(asksForLeads()).toBe(0)
})

it('in a log that is empty yet nothing is missed either', async (context) => {
  const tenant = await newTenant(app)
  const proxy = await startDatabaseProxy(app.url)
  context.onTestFinished(() => proxy.stop())
  const { page } = await openSignedIn(context, { ...tenant, url: proxy.url.replace(/\/$/, '') })
  proxy.cut()
  await page.getByText('Reconnecting …').waitFor()
  await captureAs(tenant, { email: 'first@example.com', first_name: 'First' })
  proxy.restore()
  await showsFeed(page, ['First'])
})

it('when the server says that something is gone, the list is read again', async (context) => {
  const tenant = await newTenant(app)
  await captureAs(tenant, { email: 'old@example.com', first_name: 'Old' })
  const { page } = await openDashboardPage(context, app.url)
  const socket = await muteSocket(page)
  await signIn(page, tenant.key)
  await showsFeed(page, ['Old'])
  await captureAs(tenant, { email: 'new@example.com', first_name: 'New' })
  await eventually(
    () => socket.dropped.length > 0,
    () => 'no event',
  )
  await showsFeed(page, ['Old'])
  socket.send({ events: { __typename: 'StreamGap', reason: 'gone', resumedAt: socket.dropped[0] } })
  await showsFeed(page, ['New', 'Old'])
})

it('an erased lead goes', async (context) => {
  const tenant = await newTenant(app)
  const captured = await captureAs(tenant, { email: 'gone@example.com', first_name: 'Gone' })
  const { page } = await openSignedIn(context, tenant)
  await showsFeed(page, ['Gone'])
  await tenant.client.graphql('mutation ($id: ID!) { eraseContact(id: $id) { __typename } }', {
    id: captured.json.data?.['id'],
  })
  await showsFeed(page, [])
})

it('names that attack are text, and neither run nor break the page', async (context) => {
  const tenant = await newTenant(app)
  const dashboard = await openSignedIn(context, tenant)
  const { page } = dashboard
  await page.setViewportSize({ width: 360, height: 740 })
  const names = [
    '<img src=x onerror=alert(1)>',
    '</strong><script>alert(1)</script>',
    `"'><svg onload=alert(1)>`,
    'x'.repeat(200),
    'שלום (abc) 123',
    '{{constructor.constructor("alert(1)")()}}',
  ]
  for (const [nth, name] of names.entries())
    await captureAs(tenant, {
      email: `hostile-${nth}@example.com`,
      first_name: name,
      source: `javascript:alert(${nth})//`,
    })
  await showsFeed(page, names.toReversed())
  // What a capture would not keep is shown for what it is, too.
  await page.route('**/graphql', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: (await response.text()).replace('onerror=alert(1)>', '\u202egpj.exe') })
  })
  await page.reload()
  await isLive(page)
  await showsFeed(page, [...names.slice(1).toReversed(), '<img src=x \u202egpj.exe'])
  expect(await page.locator('.feed :is(img, script, svg)').count()).toBe(0)
  expect(await page.locator('bdi', { hasText: 'gpj.exe' }).count()).toBe(1)
  const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
  expect(await page.evaluate(overflow)).toBe(0)
  const cut = `[...document.querySelectorAll('.feed li')].filter((row) => row.scrollWidth > row.clientWidth).length`
  expect(await page.evaluate(cut)).toBe(0)
  await page.setViewportSize({ width: 1600, height: 900 })
  expect(await page.evaluate(overflow)).toBe(0)
  expectNoWrongs(dashboard, app.url)
})

it('a key that may read contacts alone sees them, and what it would need for the rest', async (context) => {
  const tenant = await newTenant(app)
  await captureAs(tenant, { email: 'jane@example.com', first_name: 'Jane' })
  const key = await createKey(createGraphqlClient(tenant), ['CONTACTS_READ'])
  const dashboard = await openDashboardPage(context, app.url)
  await enterKey(dashboard.page, key)
  await showsFeed(dashboard.page, ['Jane'])
  await dashboard.page.getByText('Not live: the key lacks EVENTS_READ.').waitFor()
  await dashboard.page.getByRole('link', { name: 'Webhooks' }).click()
  await dashboard.page.getByText('Webhooks needs a key with the scope WEBHOOKS_READ.').waitFor()
  expectNoWrongs(dashboard, app.url)
})

/** How often the page has asked this since. */
function countQueries(page: Page, start: string): () => number {
  let count = 0
  page.on('request', (request) => {
    if (request.postData()?.includes(start)) count++
  })
  return () => count
}

/** The page's socket, of which no event gets through, and into which the test says something instead. */
async function muteSocket(page: Page): Promise<{ dropped: string[]; send(data: object): void }> {
  const dropped: string[] = []
  let send: (data: object) => void = () => {}
  await page.routeWebSocket('**/graphql', (socket) => {
    const server = socket.connectToServer()
    socket.onMessage((message) => {
      const { type, id, payload } = JSON.parse(String(message))
      if (type === 'subscribe' && payload.query.startsWith('subscription Events'))
        send = (data) => socket.send(JSON.stringify({ id, type: 'next', payload: { data } }))
      server.send(message)
    })
    server.onMessage((message) => {
      const cursor = JSON.parse(String(message)).payload?.data?.events?.cursor
      if (cursor === undefined) socket.send(message)
      else dropped.push(cursor)
    })
  })
  return { dropped, send: (data) => send(data) }
}
