import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'

const all = join(import.meta.dirname, '../../bench/all.ts')

// The benchmarks create databases on the server of TEST_DATABASE_URL. Here they only show that they work.
it.skipIf(!process.env['TEST_DATABASE_URL'])(
  'the benchmarks do all their work, in a short form',
  { timeout: 900_000 },
  async () => {
    const benchmarks = startShortForm()
    const [stdout, stderr, [code]] = await Promise.all([
      text(benchmarks.stdout),
      text(benchmarks.stderr),
      once(benchmarks, 'exit'),
    ])
    expect(code, stderr).toBe(0)
    const rows = stdout.split('## All')[1]?.match(/^\| .* \| (?:yes|no) \|$/gm) ?? []
    expect(rows.length).toBeGreaterThan(20)
  },
)

/** A process group of its own: after a timeout, what it has started ends with it. */
function startShortForm(): ChildProcessByStdio<null, Readable, Readable> {
  const env = { ...process.env, BENCH_SHORT: '1' }
  const options = { env, detached: true } as const
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', all], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
  })
  return child
}
