import { readFileSync } from 'node:fs'
import { buildSchema, parse, validate } from 'graphql'
import { expect, it } from 'vitest'
import { previewBody } from '../../../src/capture/source/preview.ts'
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

it('has a mapping that makes the lead which is shown', async () => {
  const [text = '', rules = '', lead = ''] = blocksOf('json')
  const sourceName = 'Pricing page'
  const settings = { kind: 'GENERIC', mapping: JSON.parse(rules), sourceName, defaultCountry: undefined } as const
  expect(await previewBody({ text, contentType: 'application/json' }, settings)).toMatchObject(JSON.parse(lead))
})

it('has operations that the schema takes', () => {
  const schema = buildSchema(readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8'))
  const operations = blocksOf('graphql')
  expect(operations).toHaveLength(2)
  for (const operation of operations) expect(validate(schema, parse(operation))).toEqual([])
})

function blocksOf(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)\\n\`\`\`$`, 'gms'))].map(([, text = '']) => text)
}
