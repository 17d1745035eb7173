import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'

export const chromiumPath = '/usr/bin/chromium'
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
  if (!existsSync(chromiumPath)) {
    if (process.env['CI'] === 'true') throw new Error(`There is no Chromium at ${chromiumPath}.`)
    provide('chromium', null)
    return undefined
  }
  const server = await chromium.launchServer({ executablePath: chromiumPath, args })
  provide('chromium', server.wsEndpoint())
  return () => server.close()
}
