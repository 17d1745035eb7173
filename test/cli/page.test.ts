import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cliPage } from '../../src/cli/docs/cli-page.ts'
import { processContext } from '../../src/cli/frame/command-context.ts'
import { createProgram } from '../../src/cli/frame/program.ts'

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')

describe('docs/cli.md', () => {
  it('has the help of all commands as it is (npm run generate:cli-page)', async () => {
    expect(page).toBe(cliPage(page, await createProgram(processContext())))
  })
})
