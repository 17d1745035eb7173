import { expect, it } from 'vitest'
import { openDashboardPage } from '../support/dashboard-page.ts'
import { makeDataFolder } from '../support/data-folder.ts'
import { eventually } from '../support/eventually.ts'
import { startRexProcess } from '../support/rex-process.ts'

it('a new user opens the printed link, presses one button, and sees a lead slide in and arrive', async (context) => {
  const rex = await startRexProcess({ REX_DATA_DIR: makeDataFolder() })
  context.onTestFinished(async () => void (await rex.signal('SIGTERM')))
  await eventually(() => /\/#\/sign-in\/\S+/.test(rex.output()), rex.output)
  const [link = ''] = /http\S+\/#\/sign-in\/\S+/.exec(rex.output()) ?? []
  const { page, wrongs } = await openDashboardPage(context, rex.url, new URL(link).pathname + new URL(link).hash)
  await page.locator('.live[data-state=live]').waitFor()
  expect(page.url()).not.toContain('sign-in')
  await page.getByRole('button', { name: 'Send a test lead' }).first().click()
  const steps = page.getByRole('dialog').getByRole('listitem')
  for (const name of ['Captured', 'Event', 'Webhook', 'Verified'])
    await steps.filter({ hasText: name }).and(page.locator('[data-done=true]')).waitFor()
  await page.keyboard.press('Escape')
  await page.locator('.feed li[data-arrived=true]').getByText('Test Lead').waitFor()
  expect(wrongs).toEqual([])

  const again = await openDashboardPage(context, rex.url, new URL(link).pathname + new URL(link).hash)
  await again.page.getByText('This link has been used').waitFor()
})
