import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { openPage } from '../support/browser.ts'
import { bundleOf } from '../support/bundle.ts'
import { eventually } from '../support/eventually.ts'
import { startTestApp } from '../support/test-app.ts'

it('rex-capture/live follows events in a browser, and begins with the first of an empty log', async (context) => {
  const app = await startTestApp()
  context.onTestFinished(() => app.stop())
  const page = await openPage(context)
  await page.goto(`${app.url}/healthz`)
  await page.evaluate(
    bundleOf(`
      import { followEvents } from './dist/client/live/follow-events.js'
      globalThis.emails = []
      const follow = async () => {
        for await (const { data } of followEvents({ url: location.origin, apiKey: '${app.key}' })) emails.push(data.email)
      }
      void follow()`),
  )
  const sent: string[] = []
  const shown = () => page.evaluate<string[]>('emails')
  await eventually(
    async () => {
      const email = `lead-${sent.length}@example.com`
      sent.push(email)
      await createApiClient(app).capture({ email })
      await setTimeout(100) // Each lead is another chance to begin; thousands would only keep the machine busy.
      return (await shown()).length > 1
    },
    async () => `${await shown()} of ${sent}`,
  )
  const emails = await shown()
  expect(emails).toEqual(sent.slice(sent.indexOf(emails[0] ?? '')).slice(0, emails.length))
})
