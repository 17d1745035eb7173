import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { unlink } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { makeDataFolder } from '../support/data-folder.ts'
import { eventually } from '../support/eventually.ts'
import type { RexProcess } from '../support/rex-process.ts'
import { createEndpoint, graceMs, leaseMs, seededRandom, startRex } from './fault-parts.ts'
import { expectKept, sized } from './fault-report.ts'
import { adminKey, openLedger, startLoad } from './ledger.ts'

const { kills, perSecond } = sized({ short: { kills: 2, perSecond: 60 }, whole: { kills: 20, perSecond: 200 } })
const restartMs = 15_000

describe('on the embedded database', () => {
  it('a killed Rex loses nothing, although its PostgreSQL goes with it', (context) =>
    expectNothingLost(context, 'Rex', (rex) => rex.signal('SIGKILL')))

  it('a killed PostgreSQL loses nothing, and is started again', (context) =>
    expectNothingLost(context, 'PostgreSQL', async (_, folder) => killServer(folder)))

  it('Rex and PostgreSQL killed together lose nothing', (context) =>
    expectNothingLost(context, 'Rex and PostgreSQL', async (rex, folder) => {
      killServer(folder)
      await rex.signal('SIGKILL')
    }))

  it.runIf(userInfo().uid === 0 && process.platform === 'linux')(
    'a full disk is a 503 for captures, which go on when there is room, and harms no data',
    async () => {
      const folder = makeSmallDisk('200m')
      const rex = await startRex({ environment: { REX_DATA_DIR: folder } })
      const api = createApiClient({ url: rex.url, key: adminKey })
      const values = Array.from({ length: 10 }, (_, nth) => [`key_${nth}`, randomBytes(240).toString('hex')])
      const metadata = Object.fromEntries(values)
      const taken: string[] = []
      const captureOne = async () => {
        const email = `lead-${taken.length}@example.com`
        const { status } = await api.capture({ email, metadata })
        if (status === 201) taken.push(email)
        return status
      }
      expect(await captureOne()).toBe(201)
      const ballast = join(folder, 'ballast')
      fillDisk(folder, ballast)
      const statuses = new Set<number>()
      await eventually(
        async () => statuses.add(await captureOne()).has(503),
        () => `${[...statuses]}`,
        60_000,
      )
      await unlink(ballast)
      await eventually(
        async () => (await captureOne()) === 201,
        () => rex.output().slice(-2000),
        30_000,
      )
      expect([...statuses].filter((status) => status !== 201 && status !== 503)).toEqual([])
      expect(await emailsIn(folder)).toEqual(taken.toSorted())
    },
  )
})

async function expectNothingLost(
  context: TestContext,
  killed: string,
  kill: (rex: RexProcess, folder: string) => Promise<unknown>,
): Promise<void> {
  const folder = makeDataFolder()
  const own = { environment: { REX_DATA_DIR: folder } }
  const ledger = await openLedger()
  const random = seededRandom(20_261_128)
  let rex = await startRex(own)
  await createEndpoint(rex, ledger.receiver.url)
  const load = startLoad(rex.url, ledger, perSecond)
  let allowedDuplicates = 0
  let resumedMs = 0
  for (let nth = 0; nth < kills; nth++) {
    await ledger.acknowledges(ledger.acknowledged + 50 + Math.floor(random() * perSecond))
    // In flight at most: the places of the endpoint.
    allowedDuplicates += 50
    await kill(rex, folder)
    const killedAt = performance.now()
    if (killed !== 'PostgreSQL') rex = await startRex(own, { PORT: new URL(rex.url).port })
    resumedMs = Math.max(resumedMs, await ledger.arrives(killedAt))
  }
  await load.stop()
  await ledger.arrives(performance.now())
  const row = {
    fault: `kill -9 of ${killed}, embedded database, ${kills} times under ${perSecond} captures a second`,
    acknowledged: ledger.acknowledged,
    lost: ledger.lost(),
    duplicates: ledger.duplicates(),
    allowedDuplicates,
    resumedMs,
  }
  expectKept(context, row, leaseMs + graceMs + restartMs)
}

function killServer(folder: string): void {
  const [pid] = readFileSync(join(folder, 'postgresql', 'postmaster.pid'), 'utf8').split('\n')
  process.kill(Number(pid), 'SIGKILL')
}

function makeSmallDisk(size: string): string {
  const folder = join(makeDataFolder(), 'disk')
  mkdirSync(folder)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', folder])
  // Lazily: the server may still be ending.
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]))
  return folder
}

/** Leaves less room than one segment of the write-ahead log takes. */
function fillDisk(folder: string, file: string): void {
  const { bavail, bsize } = statfsSync(folder)
  writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - 300_000)))
}

async function emailsIn(folder: string): Promise<string[]> {
  const client = new pg.Client({ host: join(folder, 'socket'), user: 'rex', database: 'rex' })
  await client.connect()
  const { rows } = await client.query<{ email: string }>('select email from contact')
  await client.end()
  return rows.map(({ email }) => email).toSorted()
}
