import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { expectNoWrongs, newTenant, openSignedIn } from '../support/dashboard-page.ts'
import { createGraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app?.stop())

it('a key is created with the chosen scopes, works, and is revoked', async (context) => {
  const tenant = await newTenant(app)
  const dashboard = await openSignedIn(context, tenant, '/#/keys')
  const { page } = dashboard
  await page.getByRole('button', { name: 'Create a key' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('<b>Landing page</b>')
  await dialog.getByLabel('CONTACTS_READ').check()
  await dialog.getByRole('button', { name: 'Create the key' }).click()
  const key = await dialog.getByLabel('New API key').inputValue()
  const ask = createGraphqlClient({ url: app.url, key })
  expect((await ask('{ viewer { name scopes } }')).data['viewer']).toEqual({
    name: '<b>Landing page</b>',
    scopes: ['CAPTURE', 'CONTACTS_READ'],
  })
  await dialog.getByRole('button', { name: 'Done' }).click()
  const row = page.getByRole('row', { name: /Landing page/ })
  expect(await page.content()).not.toContain(key)
  await row.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke the key' }).click()
  await row.getByText('revoked').waitFor()
  expect((await ask('{ viewer { name } }')).codes).toEqual(['UNAUTHENTICATED'])
  expectNoWrongs(dashboard, app.url)
})

it('stages are ordered by hand, and a refused setting says why', async (context) => {
  const tenant = await newTenant(app)
  const dashboard = await openSignedIn(context, tenant, '/#/workspace')
  const { page } = dashboard
  const settings = async () =>
    (await createGraphqlClient(tenant)('{ workspace { stages redirectOrigins } }')).data['workspace']
  await page.getByLabel('New stage').fill('won')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('button', { name: 'Move won up' }).click()
  const stages = page.getByRole('region', { name: 'Stages' })
  await stages.getByRole('listitem').filter({ hasText: 'qualified' }).dragTo(stages.getByRole('listitem').first())
  await stages.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  expect(await settings()).toMatchObject({
    stages: ['qualified', 'lead', 'opportunity', 'customer', 'won', 'lost'],
  })
  const origins = page.getByRole('region', { name: 'Origins' })
  await origins.getByLabel('Pages that forms may redirect to').fill('example.com/thanks')
  await origins.getByRole('button', { name: 'Save' }).click()
  await origins.getByRole('alert').getByText('an origin such as https://www.example.com is expected').waitFor()
  await origins.getByLabel('Pages that forms may redirect to').fill('https://www.example.com\n')
  await origins.getByRole('button', { name: 'Save' }).click()
  await origins.getByRole('alert').waitFor({ state: 'detached' })
  expect(await settings()).toMatchObject({ redirectOrigins: ['https://www.example.com'] })
  expectNoWrongs(dashboard, app.url)
})

it('the audit log names who has changed what', async (context) => {
  const tenant = await newTenant(app)
  await createGraphqlClient(tenant)('mutation { updateWorkspace(input: { name: "Acme" }) { __typename } }')
  const dashboard = await openSignedIn(context, tenant, '/#/audit')
  const row = dashboard.page.getByRole('row', { name: /workspace\.updated/ })
  await row.getByText('fields: ["name"]').waitFor()
  await row.getByText('First key').waitFor()
  expectNoWrongs(dashboard, app.url)
})

it('the playground posts a lead as a visitor does, and shows the receipt and what is stored', async (context) => {
  const dashboard = await openSignedIn(context, { ...(await newTenant(app)), key: app.key, url: app.url }, '/#/capture')
  const { page } = dashboard
  await page.getByRole('textbox', { name: 'Body' }).fill('{"email": "Jane@Example.com", "Job title": "Engineer"}')
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByRole('region', { name: 'Response' }).getByText('201').waitFor()
  await page.getByRole('region', { name: 'Stored lead' }).getByText('"job_title": "Engineer"').waitFor()
  await page.getByRole('textbox', { name: 'Body' }).fill('{"email": "nobody"}')
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByRole('region', { name: 'Response' }).getByText('422').waitFor()
})

it('each recipe sends to this server, and the curl command works as it stands', async (context) => {
  const { page } = await openSignedIn(context, { ...(await newTenant(app)), key: app.key, url: app.url }, '/#/capture')
  const code = page.getByRole('figure').first().locator('code')
  const command = await code.textContent()
  const body = /-d '(.*)'$/.exec(command ?? '')?.[1] ?? ''
  expect(command).toContain(`${app.url}/capture`)
  expect((await createApiClient(app).capture(JSON.parse(body))).status).toBe(201)
  await page.getByText('Script', { exact: true }).click()
  await page.getByLabel('Own place for messages').check()
  await page.getByLabel('Go on to').fill('https://www.example.com/?a="b"')
  const snippet = (await code.textContent()) ?? ''
  expect(snippet).toContain(`<script src="${app.url}/capture.js" defer></script>`)
  expect(snippet).toContain('<p data-rex-message></p>')
  expect(snippet).toContain('value="https://www.example.com/?a=&quot;b&quot;"')
})
