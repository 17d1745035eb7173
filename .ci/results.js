// What the reports of vitest in a folder say, one for each part of the tests, with its output. Files that failed are in a part of their own,
// `again`, if they ran again, and count by that alone.
//   node .ci/results.js failed-files FOLDER         the files that failed, a line each
//   node .ci/results.js count FOLDER [STEP ...]     the numbers of tests that passed and failed, after the steps that failed
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [command, folder, ...failedSteps] = process.argv.slice(2)
const parts = ['computing', 'waiting']
const again = filesOf('again')
const repeated = new Set(again.map(({ name }) => name))

const lines = command === 'failed-files' ? [...new Set(parts.flatMap(failedFilesOf))] : [count().join(' ')]
process.stdout.write(lines.map((line) => `${line}\n`).join(''))

function count() {
  const files = [...parts.flatMap(filesOf).filter(({ name }) => !repeated.has(name)), ...again]
  const passed = files.reduce((sum, file) => sum + testsOf(file, 'passed'), 0)
  // A file that does not load has no test, and one may skip all of them when it runs again: both count as one.
  const failed = files.reduce((sum, file) => sum + (testsOf(file, 'failed') || Number(file.status === 'failed')), 0)
  const skipped = again.filter((file) => file.status !== 'failed' && testsOf(file, 'passed') === 0)
  // Other steps count as one, and tests that failed by an error outside of all of them.
  const others = failedSteps.filter((step) => failedFilesOf(step).length === 0 || hasOtherErrors(step))
  return [passed, failed + skipped.length + others.length]
}

function failedFilesOf(part) {
  return filesOf(part)
    .filter(({ status }) => status === 'failed')
    .map(({ name }) => name)
}

/** Returns whether vitest printed an error that no test caused, which no report has. */
function hasOtherErrors(part) {
  const file = join(folder, `${part}.log`)
  return existsSync(file) && /Unhandled (?:Error|Rejection)/.test(readFileSync(file, 'utf8'))
}

function testsOf({ assertionResults }, status) {
  return assertionResults.filter((result) => result.status === status).length
}

function filesOf(part) {
  const file = join(folder, `${part}.json`)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).testResults : []
}
