import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { sourcesPage } from '../../../src/sources/docs/sources-page.ts'
import { allKinds } from '../../../src/sources/kinds/all-kinds.ts'

const page = readFileSync(new URL('../../../docs/sources.md', import.meta.url), 'utf8')

it('has the page about sources as the kinds say it (npm run generate:sources-page)', () => {
  expect(page).toBe(sourcesPage(page, allKinds))
})

it('has a section and a row for each kind', () => {
  for (const { title, name } of allKinds) {
    expect(page).toContain(`\n### ${title}\n`)
    expect(page).toContain(`\`${name.toLowerCase()}\``)
  }
})
