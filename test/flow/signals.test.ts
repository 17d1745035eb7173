import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { startSignals } from '../../src/events/signals.ts'
import { eventually } from '../support/eventually.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'
import { openOwn, silentLog } from '../support/test-parts.ts'

/** More than the time in which several notifications are sent as one. */
const quietMs = 50

describe('notifications of nodes without Redis', () => {
  let own: OwnDatabase

  beforeAll(async () => {
    own = await createTestDatabase()
  })
  afterAll(() => own.drop())

  /** A node, what it hears, and the notifications that it has sent. */
  const startNode = async (opened?: Database) => start(opened ?? (await openOwn(own)))
  const start = async (opened: Database) => {
    const sent = vi.fn()
    const database: Database = {
      ...opened,
      query: (statement, values) => {
        if (statement.name === 'notify') sent()
        return opened.query(statement, values)
      },
    }
    const signals = await startSignals(database, silentLog)
    const heard = vi.fn()
    signals.subscribe('events', heard)
    const stop = async () => {
      await signals.stop()
      await opened.close()
    }
    onTestFinished(stop)
    return { signals, sent, heard, stop }
  }

  it('are sent only while another node listens', async () => {
    const one = await startNode()
    expect(one.sent).toHaveBeenCalledTimes(1) // Its greeting.
    one.signals.notify('events')
    await setTimeout(quietMs)
    expect(one.sent).toHaveBeenCalledTimes(1)

    const other = await startNode()
    await eventually(
      () => one.heard.mock.calls.length > 1,
      () => 'no greeting',
    )
    one.signals.notify('deliveries')
    one.signals.notify('events')
    await eventually(
      () => other.heard.mock.calls.length > 0,
      () => 'no notification',
    )

    await other.stop()
    await eventually(
      async () => {
        const before = one.sent.mock.calls.length
        one.signals.notify('events')
        await setTimeout(quietMs)
        return one.sent.mock.calls.length === before
      },
      () => 'still notifies',
    )
  })

  it('are sent by a node that does not listen itself', async () => {
    const url = new URL(own.environment.DATABASE_URL)
    url.searchParams.set('pgbouncer', 'true')
    const one = await startNode(connectPostgresql(url.href, silentLog))
    const other = await startNode()
    one.signals.notify('events')
    await eventually(
      () => other.heard.mock.calls.length > 0,
      () => 'no notification',
      900,
    )
    expect(one.sent).toHaveBeenCalledTimes(2)
  })

  it('of the end of an access are always sent', async () => {
    const one = await startNode()
    one.signals.notify('access')
    await eventually(
      () => one.sent.mock.calls.length === 2,
      () => `${one.sent.mock.calls.length} sent`,
    )
  })
})
