import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { makeDataFolder } from '../support/data-folder.ts'

const script = fileURLToPath(new URL('../../.ci/results.js', import.meta.url))
const passing = { name: '/a.test.ts', tests: ['passed', 'passed', 'skipped'] }
const failing = { name: '/b.test.ts', tests: ['passed', 'failed', 'failed'] }
const mended = { ...failing, tests: ['passed', 'passed', 'passed'] }
const unloadable = { name: '/c.test.ts', tests: [], isFailed: true }
const loaded = { name: '/c.test.ts', tests: ['passed'] }

interface File {
  readonly name: string
  readonly tests: readonly string[]
  readonly isFailed?: boolean
}

type Reports = Readonly<Record<string, readonly File[]>>

it.each<[string, Reports, string, ...string[]]>([
  ['all passed', { computing: [passing], waiting: [mended] }, '5 0'],
  ['a failed test', { computing: [passing], waiting: [failing] }, '3 2', 'waiting'],
  ['a file that failed in two projects', { computing: [failing, mended], waiting: [passing] }, '6 2', 'computing'],
  ['a file that does not load', { computing: [passing, unloadable], waiting: [] }, '2 1', 'computing'],
  [
    'passed again',
    { computing: [passing, failing], waiting: [unloadable], again: [mended, loaded] },
    '6 0',
    'computing',
    'waiting',
  ],
  [
    'skipped again',
    { computing: [failing], waiting: [], again: [{ ...failing, tests: ['skipped'] }] },
    '0 1',
    'computing',
  ],
  ['failed again', { computing: [passing, failing], waiting: [], again: [failing] }, '3 2', 'computing', 'again'],
  ['the second run did not begin', { computing: [failing], waiting: [passing] }, '3 3', 'computing', 'again'],
  ['an error outside of all tests', { computing: [passing], waiting: [mended] }, '5 1', 'waiting'],
  ['no report', { computing: [passing] }, '2 1', 'waiting'],
  ['another step', { computing: [passing], waiting: [] }, '2 1', 'check'],
])('.ci/run counts %s', (_, reports, expected, ...failedSteps) => {
  expect(run('count', folderOf(reports), ...failedSteps)).toBe(`${expected}\n`)
})

it('.ci/run forgives no error outside of all tests, whatever passed again', () => {
  const folder = folderOf({ computing: [passing, failing], waiting: [], again: [mended] })
  expect(run('count', folder, 'computing')).toBe('5 0\n')
  writeFileSync(join(folder, 'computing.log'), '⎯⎯⎯⎯ Unhandled Errors ⎯⎯⎯⎯\n')
  expect(run('count', folder, 'computing')).toBe('5 1\n')
})

it('.ci/run runs each file again that failed, once', () => {
  const folder = folderOf({ computing: [passing, failing, { ...failing, tests: ['failed'] }], waiting: [unloadable] })
  expect(run('failed-files', folder)).toBe('/b.test.ts\n/c.test.ts\n')
  expect(run('failed-files', folderOf({ computing: [passing] }))).toBe('')
})

function folderOf(reports: Reports): string {
  const folder = makeDataFolder('rex-reports-')
  for (const [name, files] of Object.entries(reports))
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ testResults: files.map(toResult) }))
  return folder
}

function toResult({ name, tests, isFailed }: File) {
  const status = isFailed || tests.includes('failed') ? 'failed' : 'passed'
  return { name, status, assertionResults: tests.map((each) => ({ status: each })) }
}

function run(...parameters: string[]): string {
  return execFileSync(process.execPath, [script, ...parameters], { encoding: 'utf8' })
}
