import { existsSync } from 'node:fs'
import { chromium, type Page } from 'playwright-core'
import type { TestContext } from 'vitest'

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

/** A page of a browser of this test's own, gone when the test is over. Without Chromium the test is skipped; CI has one. */
export async function openPage({ skip, onTestFinished }: TestContext): Promise<Page> {
  if (!existsSync(executablePath)) {
    if (process.env['CI'] === 'true') throw new Error(`There is no Chromium at ${executablePath}.`)
    skip(`There is no Chromium at ${executablePath}: apt-get install chromium.`)
  }
  const browser = await chromium.launch({ executablePath, args })
  onTestFinished(() => browser.close())
  // With a context of its own, which further pages of the test can share.
  const context = await browser.newContext()
  return context.newPage()
}
