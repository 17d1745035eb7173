import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { createSharedTimes, type TimeStore, timesInMemory } from '../../src/platform/shared-times.ts'
import { createReplicaReads } from '../../src/workspaces/replica-reads.ts'
import type { Viewer } from '../../src/workspaces/viewer.ts'
import { silentLog } from '../support/test-parts.ts'

const [primary, onReplica] = [1, 2].map((port) => connectPostgresql(`postgresql://x@127.0.0.1:${port}/x`, silentLog))
const viewer: Viewer = { workspaceId: 'ws_1', apiKeyId: 'key_1', scopes: new Set(), expiresAt: null }
const session: Viewer = { ...viewer, sessionId: 'ses_1' }
const colleague: Viewer = { ...viewer, apiKeyId: 'key_2' }
const keepMs = 15_000

describe('the place where a key reads its lists', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 }))
  afterEach(() => void vi.useRealTimers())

  it('is the replica, unless it is not in use', async () => {
    const { reads, replica } = open()
    expect(await placeOf(reads, viewer)).toBe('replica')
    replica.status.isInUse = false
    expect(await placeOf(reads, viewer)).toBe('primary')
  })

  it('is the primary for ten seconds after a write, also of a session of the key', async () => {
    const { reads, replica } = open()
    await reads.noteWrite(session)
    pass(9900)
    replica.coveredUntil = Date.now()
    expect(await placeOf(reads, viewer)).toBe('primary')
    expect(await placeOf(reads, session)).toBe('primary')
    expect(await placeOf(reads, colleague)).toBe('replica')
    pass(200)
    replica.coveredUntil = Date.now()
    expect(await placeOf(reads, viewer)).toBe('replica')
  })

  it('is the primary for longer while the replica does not have the write', async () => {
    const { reads, replica } = open()
    replica.coveredUntil = Date.now() - 1
    await reads.noteWrite(viewer)
    pass(12_000)
    expect(await placeOf(reads, viewer)).toBe('primary')
  })

  it('is the primary for a workspace that was shown something, until the replica has it', async () => {
    const { reads, replica } = open()
    await reads.noteShown(viewer)
    expect(await placeOf(reads, colleague)).toBe('primary')
    pass(1)
    replica.coveredUntil = Date.now()
    expect(await placeOf(reads, colleague)).toBe('replica')
  })

  it('is the primary while the writes of other processes are not known', async () => {
    const { reads } = open({ set: fail, get: fail })
    await reads.noteWrite(viewer)
    expect(await placeOf(reads, colleague)).toBe('primary')
  })

  it('knows the writes of other processes', async () => {
    const store = timesInMemory(keepMs)
    const [one, other] = [open(store), open(store)]
    await one.reads.noteWrite(viewer)
    expect(await placeOf(other.reads, viewer)).toBe('primary')
    expect(await placeOf(other.reads, colleague)).toBe('replica')
  })

  it('is asked of others once per write and second', async () => {
    const set = vi.fn(async () => undefined)
    const { reads } = open({ set, get: async (names) => names.map(() => 0) })
    await reads.noteWrite(viewer)
    pass(999)
    await reads.noteWrite(viewer)
    expect(set).toHaveBeenCalledTimes(1)
    pass(1)
    await reads.noteWrite(viewer)
    expect(set).toHaveBeenCalledTimes(2)
  })
})

function open(store?: TimeStore) {
  const replica = {
    database: onReplica!,
    status: { isInUse: true, lagMs: 0, problem: undefined },
    coveredUntil: Date.now(),
    repeatedCount: 0,
    close: async () => {},
  }
  return { replica, reads: createReplicaReads(primary!, replica, createSharedTimes(store, keepMs)) }
}

async function placeOf(reads: ReturnType<typeof createReplicaReads>, of: Viewer): Promise<'primary' | 'replica'> {
  return (await reads.databaseFor(of)) === primary ? 'primary' : 'replica'
}

function pass(ms: number): void {
  vi.setSystemTime(Date.now() + ms)
}

function fail(): Promise<never> {
  return Promise.reject(new Error('away'))
}
