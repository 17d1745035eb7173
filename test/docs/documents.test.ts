import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { settingsHelp } from '../../src/config/config.ts'
import { headingIds } from '../../src/rest/docs/build/heading-ids.ts'
import { pageList } from '../../src/rest/docs/build/page-list.ts'
import { documentFiles, readDocument } from '../support/documents.ts'

const repository = join(import.meta.dirname, '../..')

describe('the documents', () => {
  it.each([...documentFiles, 'SECURITY.md', 'CHANGELOG.md'])(
    'link to files and headings that are there: %s',
    (file) => {
      const targets = [...readDocument(file).matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target)
      const links = targets.filter((target) => !/^https?:\/\//.test(target))
      expect(links.filter((link) => !leadsSomewhere(link, file))).toEqual([])
    },
  )

  it('are all shown at /docs', () => {
    const pages = readdirSync(join(repository, 'docs')).filter((name) => name.endsWith('.md'))
    const shown = pageList.map(({ file }) => file)
    expect(shown.toSorted()).toEqual([...pages.map((name) => `docs/${name}`), 'SECURITY.md'].toSorted())
  })

  it('begin with a README of at most 150 lines', () => {
    expect(readDocument('README.md').split('\n').length).toBeLessThanOrEqual(150)
  })
})

describe('docs/operating.md', () => {
  it('has the settings that --help prints, and no other', () => {
    const help = [...settingsHelp().matchAll(/^ {2}(\w+) +(.*) \[(.*)\]$/gm)]
    const [, section = ''] = /^## Settings\n(.*?)(?:^## |$(?![\s\S]))/ms.exec(readDocument('docs/operating.md')) ?? []
    const table = [...section.matchAll(/^\| `(\w+)` \| (.*?) \| (.*) \|$/gm)]
    expect(table.map(([, name, shown, meaning]) => [name, meaning, shown?.replaceAll('`', '')])).toEqual(
      help.map(([, ...columns]) => columns),
    )
  })
})

describe('docs/benchmarks.md', () => {
  it('has the figures of bench/README.md and no others, besides those of the fault tests', () => {
    const [figures = ''] = readDocument('docs/benchmarks.md').split('\n## Faults\n')
    const rows = figures.split('\n').filter((line) => line.startsWith('|'))
    const measured = new Set(readDocument('bench/README.md').split('\n'))
    expect(rows.length).toBeGreaterThan(20)
    expect(rows.filter((row) => !measured.has(row))).toEqual([])
  })
})

/** Whether it names a file or folder, and where it names one, a heading in it. */
function leadsSomewhere(link: string, from: string): boolean {
  const [target = '', heading] = link.split('#')
  const file = target === '' ? from : join(dirname(from), target)
  if (!existsSync(join(repository, file)) || heading === undefined) return existsSync(join(repository, file))
  const idOf = headingIds()
  const titles = [...readDocument(file).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => idOf(title))
  return titles.includes(heading)
}
