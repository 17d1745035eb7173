import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { expect, it, onTestFinished } from 'vitest'

const all = join(import.meta.dirname, '../../bench/all.ts')

// The benchmarks create databases on the server of TEST_DATABASE_URL. Here they only show that they work.
it.skipIf(!process.env['TEST_DATABASE_URL'])(
  'the benchmarks do all their work, in a short form',
  { timeout: 900_000 },
  async () => {
    const { stdout, stderr, exited, closed, endGroup } = startShortForm()
    const [code] = await exited
    endGroup() // A server that is left over would keep the output open.
    await closed
    expect(code, stderr()).toBe(0)
    const rows =
      stdout()
        .split('## All')[1]
        ?.match(/^\| .* \| (?:yes|no) \|$/gm) ?? []
    expect(rows.length).toBeGreaterThan(20)
  },
)

/** A process group of its own: what it has started, and left over, ends with the test. */
function startShortForm() {
  const env = { ...process.env, BENCH_SHORT: '1' }
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', all], { env, detached: true })
  const endGroup = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // Nothing of it is left.
    }
  }
  process.once('exit', endGroup)
  onTestFinished(endGroup)
  return {
    stdout: collect(child.stdout),
    stderr: collect(child.stderr),
    exited: once(child, 'exit'),
    closed: once(child, 'close'),
    endGroup,
  }
}

function collect(stream: Readable): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return () => text
}
