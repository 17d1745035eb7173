import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openPage } from '../support/browser.ts'
import { unusedPort } from '../support/misbehaving-receivers.ts'
import { startShell } from '../support/shell.ts'
import { startSnippetFront } from '../support/snippet-front.ts'
import { capturesOf, formIs, sendForm } from '../support/snippet-page.ts'

const repository = join(import.meta.dirname, '../..')

it('examples/react-form sends a lead with the command of its README', async (context) => {
  const front = await startSnippetFront()
  context.onTestFinished(() => front.stop())
  const port = await unusedPort()
  const readme = readFileSync(join(repository, 'examples/react-form/README.md'), 'utf8')
  const [, command = ''] = /```sh\n(.*)\n```/.exec(readme) ?? []
  // Without a standard input esbuild would end at once.
  const served = startShell(`sleep infinity | ${command.replace('8000', String(port))}`, {
    folder: repository,
    environment: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' },
  })
  context.onTestFinished(() => served.stop())
  await served.said(/http:\/\/127\.0\.0\.1:\d+/, 60_000)
  const page = await openPage(context)
  await page.route('http://127.0.0.1:4000/capture', async (route) => {
    await route.continue({ url: `${front.url}/capture` })
  })
  await page.goto(`http://127.0.0.1:${port}/`)
  await sendForm(page, 'example@example.com')
  await formIs(page, 'sent')
  expect(await page.getByRole('status').textContent()).toMatch(/^Thank you/)
  expect(await capturesOf(front, 'example@example.com')).toHaveLength(1)
})
