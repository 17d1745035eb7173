import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const all = join(import.meta.dirname, '../../bench/all.ts')

// The benchmarks create databases on the server of TEST_DATABASE_URL. Here they only show that they work.
it.skipIf(!process.env['TEST_DATABASE_URL'])(
  'the benchmarks do all their work, in a short form',
  {
    timeout: 600_000,
  },
  async () => {
    const env = { ...process.env, BENCH_SHORT: '1' }
    const options = { env, timeout: 550_000, maxBuffer: 10_000_000 }
    const { stdout } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', all], options)
    const rows = stdout.split('## All')[1]?.match(/^\| .* \| (?:yes|no) \|$/gm) ?? []
    expect(rows.length).toBeGreaterThan(20)
  },
)
