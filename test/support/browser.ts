import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, type TestContext } from 'vitest'

const executablePath = '/usr/bin/chromium'
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
]

let launched: Promise<Browser> | undefined

// A launch costs about a second: the tests of a file share one browser.
afterAll(async () => {
  const browser = await launched
  launched = undefined
  await browser?.close()
})

/** Test that a page belongs to. */
export type PageOwner = Pick<TestContext, 'skip' | 'onTestFinished'>

/**
 * Opens a page in a context of its own: nothing of another test is in it, and it is gone when this test is over. Without
 * Chromium the test is skipped; CI has one.
 */
export async function openPage(
  { skip, onTestFinished }: PageOwner,
  options: BrowserContextOptions = {},
): Promise<Page> {
  if (!existsSync(executablePath)) {
    if (process.env['CI'] === 'true') throw new Error(`There is no Chromium at ${executablePath}.`)
    skip(`There is no Chromium at ${executablePath}: apt-get install chromium.`)
  }
  launched ??= chromium.launch({ executablePath, args })
  const browser = await launched
  const context = await browser.newContext(options)
  onTestFinished(() => context.close())
  return context.newPage()
}
