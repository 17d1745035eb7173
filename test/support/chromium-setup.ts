import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'

/** The shell has no window, and takes half the CPU of the whole browser. */
const paths = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']
export const chromiumPackage = 'chromium-headless-shell'
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
]

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where to connect to the Chromium of the run; null if this machine has none. */
    chromium: string | null
  }
}

/** Launches one Chromium for all files of a project, since a launch costs two seconds of CPU. */
export async function setup({ provide }: TestProject): Promise<(() => Promise<void>) | undefined> {
  const executablePath = paths.find((path) => existsSync(path))
  if (executablePath === undefined) {
    if (process.env['CI'] === 'true') throw new Error(`There is no Chromium at ${paths.join(' or ')}.`)
    provide('chromium', null)
    return undefined
  }
  const server = await chromium.launchServer({ executablePath, args })
  provide('chromium', server.wsEndpoint())
  return () => server.close()
}
