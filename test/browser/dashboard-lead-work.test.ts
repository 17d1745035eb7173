import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { savedText } from '../support/browser.ts'
import { showsLeads } from '../support/dashboard-leads.ts'
import { captureAs, expectNoWrongs, newTenant, openSignedIn } from '../support/dashboard-page.ts'
import { createGraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const leads = '/#/leads'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app?.stop())

it('views and columns are kept in this browser', async (context) => {
  const tenant = await newTenant(app)
  await captureAs(tenant, { email: 'jane@example.com', first_name: 'Jane', source: 'organic' })
  await captureAs(tenant, { email: 'john@example.com', first_name: 'John', source: 'ads' })
  const { page } = await openSignedIn(context, tenant, `${leads}?source=ads`)
  await showsLeads(page, ['John'])
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: 'Save these filters' }).click()
  await page.getByLabel('Name').fill('<i>Ads</i>')
  await page.getByRole('button', { name: 'Save the view' }).click()
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'E-mail' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Last seen' }).click()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: '<i>Ads</i>' }).click()
  await page.getByRole('menuitem', { name: 'All leads' }).click()
  await showsLeads(page, ['John', 'Jane'])
  await page.reload()
  await page.getByRole('columnheader', { name: 'Last seen' }).waitFor()
  expect(await page.getByRole('columnheader', { name: 'E-mail' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: '<i>Ads</i>' }).click()
  await showsLeads(page, ['John'])
})

it('a stage is changed in place, and of many at once by keyboard', async (context) => {
  const tenant = await newTenant(app)
  for (const name of ['One', 'Two', 'Three'])
    await captureAs(tenant, { email: `${name}@example.com`, first_name: name })
  const dashboard = await openSignedIn(context, tenant, leads)
  const { page } = dashboard
  await showsLeads(page, ['Three', 'Two', 'One'])
  const stages = async () => {
    const { data } = await createGraphqlClient(tenant)('{ contacts { nodes { firstName stage } } }')
    const { nodes } = data['contacts'] as { nodes: { firstName: string; stage: string }[] }
    return Object.fromEntries(nodes.map(({ firstName, stage }) => [firstName, stage]))
  }
  await page.getByLabel('Stage of One').selectOption('qualified')
  await expect.poll(stages).toEqual({ One: 'qualified', Two: 'lead', Three: 'lead' })
  await page.getByRole('heading', { name: 'Leads' }).focus()
  for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key)
  await page.getByText('2 selected').waitFor()
  await page.getByLabel('New stage').selectOption('customer')
  await page.getByRole('button', { name: 'Change stage' }).click()
  await page.getByText('2 leads are now customer.').waitFor()
  await expect.poll(stages).toEqual({ One: 'qualified', Two: 'customer', Three: 'customer' })
  expect(await page.getByLabel('Stage of Two').inputValue()).toBe('customer')
  expect(await page.getByText('selected', { exact: false }).count()).toBe(0)
  expectNoWrongs(dashboard, app.url)
})

it('one moves, opens, searches and goes back by keyboard alone', async (context) => {
  const tenant = await newTenant(app)
  for (const name of ['One', 'Two', 'Three'])
    await captureAs(tenant, { email: `${name}@example.com`, first_name: name })
  const { page } = await openSignedIn(context, tenant, `${leads}?search=example`)
  await showsLeads(page, ['Three', 'Two', 'One'])
  await page.getByRole('heading', { name: 'Leads' }).focus()
  for (const key of ['j', 'ArrowDown', 'j', 'k']) await page.keyboard.press(key)
  await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Two')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Two' }).waitFor()
  await page.getByText('Who has been told').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('heading', { level: 1, name: 'Leads' }).waitFor()
  expect(page.url()).toContain('?search=example')
  await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Two')
  await page.keyboard.press('/')
  await page.keyboard.type('one')
  await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('exampleone')
})

it('the export has the leads of the filters, safe against formulas, and says how many', async (context) => {
  const tenant = await newTenant(app)
  await captureAs(tenant, { email: 'jane@example.com', first_name: '=1+1', source: 'ads' })
  await captureAs(tenant, { email: 'john@example.com', first_name: 'Li\nne "quoted"', source: 'ads' })
  await captureAs(tenant, { email: 'other@example.com', first_name: 'Other', source: 'organic' })
  const { page } = await openSignedIn(context, tenant, `${leads}?source=ads`)
  await page.getByRole('button', { name: 'Export' }).click()
  const csv = await download(page)
  expect(csv).toContain("'=1+1")
  expect(csv).toContain('john@example.com')
  expect(csv).not.toContain('other@example.com')
  await page.getByText('Saved: 2 leads').waitFor()
  await page.getByText('JSON', { exact: true }).click()
  const { data } = JSON.parse(await download(page)) as { data: { email: string }[] }
  expect(data.map(({ email }) => email)).toEqual(['john@example.com', 'jane@example.com'])
  await page.getByText('Saved: 2 leads').waitFor()
})

/** Starts the export of the open dialog, and returns the file. */
async function download(page: Page): Promise<string> {
  const saved = page.waitForEvent('download')
  await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click()
  return savedText(await saved)
}
