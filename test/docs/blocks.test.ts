import { spawnSync } from 'node:child_process'
import crypto from 'node:crypto'
import { join } from 'node:path'
import { buildSchema, parse as parseGraphql, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { type Block, blocksOf, documentBlocks, readDocument } from '../support/documents.ts'
import { receiptShape, sentBy } from '../support/receipts.ts'

const repository = join(import.meta.dirname, '../..')

/** What checks a block: code, or the test file that reads the page and runs it. */
interface Runner {
  readonly file: string
  readonly language: string
  readonly of?: RegExp
  readonly check: string | ((block: Block) => void)
}

const runners: readonly Runner[] = [
  { file: '.+', language: 'sh', check: 'test/flow/readme.test.ts' },
  { file: '.+', language: 'graphql', check: isValidOperation },
  { file: 'README.md', language: '', of: /─▶/, check: ({ text }) => expect(text).toMatch(/POST \/capture/) },
  { file: 'README.md', language: 'json', check: isReceiptOfFirstCapture },
  { file: 'docs/sources.md', language: 'json', check: 'test/unit/sources/sources-page.test.ts' },
  { file: 'docs/capture.md', language: 'html', check: 'test/browser/capture-snippet-forms.test.ts' },
  { file: 'docs/operating.md', language: 'html', check: 'test/browser/proof-of-work.test.ts' },
  { file: 'docs/operating.md', language: 'yaml', check: isScrapeConfig },
  { file: 'docs/cli.md', language: 'text', check: 'test/cli/page.test.ts' },
  { file: 'docs/webhooks.md', language: 'http', check: isSignedRequest },
  { file: 'docs/webhooks.md', language: 'js', of: /^import /, check: printsTheEvent },
  { file: 'docs/webhooks.md', language: 'js|python', of: /verify_?[rR]ecent/, check: 'test/unit/verifiers.test.ts' },
  { file: 'docs/webhooks.md', language: 'js|python', of: /verify_?[wW]ebhook\(payload/, check: isPublishedVerifier },
]

const titled = documentBlocks.map((block) => ({ ...block, line: block.text.split('\n', 1)[0]?.slice(0, 60) }))

describe('each block of README.md and docs/*.md is run or checked', () => {
  it.each(titled)('$file: $language: $line', (block) => {
    const runner = runners.find((each) => isFor(each, block))
    if (runner === undefined) throw new Error('No runner is listed for this block.')
    if (typeof runner.check === 'string') expect(readDocument(runner.check)).toMatch(testReading(block.file))
    else runner.check(block)
  })

  it('and each runner has a block', () => {
    expect(runners.filter((runner) => !documentBlocks.some((block) => isFor(runner, block)))).toEqual([])
  })
})

function isFor({ file, language, of = /^/ }: Runner, block: Block): boolean {
  return (
    new RegExp(`^(?:${file})$`).test(block.file) &&
    new RegExp(`^(?:${language})$`).test(block.language) &&
    of.test(block.text)
  )
}

/** A test that runs blocks reads their page, or all pages. */
function testReading(file: string): RegExp {
  return new RegExp(`documentBlocks|${file.replaceAll('.', '\\.')}`)
}

function isValidOperation({ text }: Block): void {
  expect(validate(buildSchema(readDocument('schema.graphql')), parseGraphql(text))).toEqual([])
}

function isReceiptOfFirstCapture({ text }: Block): void {
  const capture = blocksOf('README.md').find((block) => block.text.includes('/capture') && block.language === 'sh')
  const { data } = JSON.parse(text)
  expect(data).toEqual({ ...data, ...sentBy(capture?.text ?? ''), stage: 'lead' })
  expect(Object.keys(data)).toEqual(Object.keys(receiptShape))
}

/** Prometheus loads it when the rule file lies beside it. */
function isScrapeConfig({ text }: Block): void {
  const { scrape_configs: jobs, rule_files: files } = parseYaml(text)
  expect(jobs).toMatchObject([{ job_name: 'rex', static_configs: [{ targets: ['127.0.0.1:4000'] }] }])
  for (const file of files) expect(readDocument(`docs/alerts/${file}`)).toContain('groups:')
}

function isSignedRequest({ text }: Block): void {
  const [head = '', body = ''] = text.split('\n\n')
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(head)?.[1] ?? ''
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const hmac = (key: string | Buffer, signed: string) => crypto.createHmac('sha256', key).update(signed)
  const [id, time] = [header('webhook-id'), header('webhook-timestamp')]
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  expect(header('X-Rex-Signature')).toBe(`t=${time},v1=${hmac(secret, `${time}.${body}`).digest('hex')}`)
  expect(header('webhook-signature')).toBe(`v1,${hmac(key, `${id}.${time}.${body}`).digest('base64')}`)
  expect(JSON.parse(body)).toMatchObject({ id, event: header('X-Rex-Event') })
}

function printsTheEvent({ text }: Block): void {
  const options = { cwd: repository, input: text, encoding: 'utf8' } as const
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-'], options)
  expect({ stdout, stderr }).toEqual({ stdout: 'contact.created\n', stderr: '' })
}

/** The verifiers that were published must keep working, to the byte. */
function isPublishedVerifier({ language, text }: Block): void {
  const published = blocksOf('test/contract/webhooks.md').find((block) => block.language === language)
  expect(published?.text).toBe(text)
}
