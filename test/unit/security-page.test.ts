import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAst } from 'vitest/node'

const repository = join(import.meta.dirname, '../..')
const page = readFileSync(join(repository, 'SECURITY.md'), 'utf8')

/** The sections that may hold text besides claims. */
const freeSections = ['Security', 'How to report a vulnerability', 'How to read this page', 'What no test can hold']
const code = '(?:``[^`]+(?:`[^`]+)*``|`[^`]+`)'
const reference = new RegExp(`(${code}) › (${code})`, 'g')
/** One sentence, then the tests that hold it. */
const claimForm = new RegExp(`^[^\\n]+?[.] ${code} › ${code}(?:, ${code} › ${code})*$`)

interface Block {
  readonly section: string
  readonly text: string
  readonly isClaim: boolean
}

describe('SECURITY.md', () => {
  it('has a test for each of its claims, and claims alone where it promises something', () => {
    expect(faultsOf(page)).toEqual([])
  })

  it('has claims in each section that promises something', () => {
    const sections = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title)
    const claiming = new Set(blocksOf(page).flatMap(({ section, isClaim }) => (isClaim ? [section] : [])))
    expect([...claiming]).toEqual(sections.filter((title) => !freeSections.includes(title)))
    expect(claiming.size).toBeGreaterThan(8)
  })
})

describe('a page is faulty', () => {
  const held = '`test/unit/security-page.test.ts` › `when it has %s`'

  it('not when each claim names a test', () => {
    expect(faultsOf(`## Tenants\n\n- It is safe.\n  ${held},\n  ${held}\n- It is: safe.\n  ${held}\n`)).toEqual([])
  })

  it.each([
    ['a claim without a test', '- It is safe.'],
    ['a claim with a file alone', '- It is safe.\n  `test/unit/security-page.test.ts`'],
    ['a file that is not there', '- It is safe.\n  `test/unit/nothing.test.ts` › `when it has %s`'],
    ['a file that is no test', '- It is safe.\n  `test/support/eventually.ts` › `when it has %s`'],
    ['a title that is in no test', '- It is safe.\n  `test/unit/security-page.test.ts` › `is safe`'],
    [
      'a title that stands in the file, but not as one',
      '- It is safe.\n  `test/unit/security-page.test.ts` › `Tenants`',
    ],
    ['a second test that is not there', `- It is safe.\n  ${held},\n  \`test/unit/x.test.ts\` › \`is safe\``],
    ['two sentences in a claim', `- It is safe. So is that.\n  ${held}`],
    ['words after the test', `- It is safe.\n  ${held} and more`],
    ['a sentence that is no claim', 'It is safe.'],
  ])('when it has %s', (_, text) => {
    expect(faultsOf(`# Security\n\n## Tenants\n\n${text}\n`)).toHaveLength(1)
  })
})

function faultsOf(text: string): string[] {
  return blocksOf(text).flatMap((block) => {
    const fault = block.isClaim ? faultOfClaim(block.text) : faultOfText(block)
    return fault === undefined ? [] : [`${block.section}: ${fault}: ${block.text}`]
  })
}

function faultOfText({ section }: Block): string | undefined {
  return freeSections.includes(section) ? undefined : 'no claim'
}

function faultOfClaim(claim: string): string | undefined {
  if (!claimForm.test(claim)) return 'not a sentence with its tests'
  if (/[.!?] [A-Z]/.test(claim.replace(reference, ''))) return 'more than one sentence'
  const missing = [...claim.matchAll(reference)].find(([, file = '', title = '']) => !isTest(bare(file), bare(title)))
  return missing && `no such test: ${missing[0]}`
}

function isTest(file: string, title: string): boolean {
  return /^test\/.+\.test\.ts$/.test(file) && existsSync(join(repository, file)) && titlesOf(file).has(title)
}

/** Takes the back quotes off, of which there are two where the title holds some. */
function bare(quoted: string): string {
  return quoted.replace(/^(`+)(.+)\1$/, '$2').trim()
}

/** Headings begin a section; items and paragraphs are its blocks, each as one line. */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  let section = ''
  for (const part of text.split(/\n{2,}|\n(?=- )/)) {
    const line = part.trim().replace(/\s*\n\s*/g, ' ')
    if (/^#+ /.test(line)) section = line.replace(/^#+ /, '')
    else if (line !== '') blocks.push({ section, text: line.replace(/^- /, ''), isClaim: line.startsWith('- ') })
  }
  return blocks
}

const known = new Map<string, ReadonlySet<string>>()

/** All titles of a file, as they are written: `%s` and `${…}` are not filled in. */
function titlesOf(file: string): ReadonlySet<string> {
  const titles = known.get(file) ?? readTitles(readFileSync(join(repository, file), 'utf8'))
  known.set(file, titles)
  return titles
}

function readTitles(source: string): ReadonlySet<string> {
  const titles = new Set<string>()
  const visit = (node: unknown): void => {
    if (!isNode(node)) return
    const title = node['type'] === 'CallExpression' && isTestFunction(node['callee']) && titleOf(node, source)
    if (typeof title === 'string') titles.add(title)
    for (const child of Object.values(node)) visit(child)
  }
  visit(parseAst(source, { lang: 'ts' }))
  return titles
}

type Node = Readonly<Record<string, unknown>>

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null
}

/** Whether it is `it`, `describe.each(…)` or their like. */
function isTestFunction(node: unknown): boolean {
  if (!isNode(node)) return false
  if (node['type'] === 'Identifier') return /^(?:describe|it|test)$/.test(String(node['name']))
  return isTestFunction(node['type'] === 'MemberExpression' ? node['object'] : node['callee'])
}

function titleOf({ arguments: given }: Node, source: string): string | undefined {
  const [first]: unknown[] = Array.isArray(given) ? given : []
  if (!isNode(first)) return undefined
  if (first['type'] === 'TemplateLiteral') return source.slice(Number(first['start']) + 1, Number(first['end']) - 1)
  return first['type'] === 'Literal' && typeof first['value'] === 'string' ? first['value'] : undefined
}
