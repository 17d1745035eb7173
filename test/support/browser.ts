import { text } from 'node:stream/consumers'
import { type Browser, type BrowserContextOptions, chromium, type Download, type Page } from 'playwright-core'
import { inject, type TestContext } from 'vitest'
import { chromiumPackage } from './chromium-setup.ts'

let connected: Promise<Browser> | undefined

/** Test that a page belongs to. */
export type PageOwner = Pick<TestContext, 'skip' | 'onTestFinished'>

/**
 * Opens a page in a context of its own: nothing of another test is in it, and it is gone when this test is over. All files
 * share the Chromium of the run. Without Chromium the test is skipped; CI has one.
 */
export async function openPage(
  { skip, onTestFinished }: PageOwner,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const endpoint = inject('chromium')
  if (endpoint === null) skip(`There is no Chromium: apt-get install ${chromiumPackage}.`)
  connected ??= chromium.connect(endpoint ?? '')
  const browser = await connected
  const context = await browser.newContext(options)
  // For a machine that is busy, as the limits of tests.
  context.setDefaultTimeout(60_000)
  onTestFinished(() => context.close())
  return context.newPage()
}

/** Returns the text of a file that a page has saved: the browser may be in another place than this process. */
export async function savedText(saved: Download): Promise<string> {
  return text(await saved.createReadStream())
}
