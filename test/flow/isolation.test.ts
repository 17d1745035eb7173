import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { nameServer } from '../support/misbehaving-receivers.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { openWayOut, type WayOut } from '../support/way-out.ts'

describe('endpoints beside others that are stuck', () => {
  let parts: TestParts
  let way: WayOut

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    way = await openWayOut(parts)
  })

  const inFlight = async () => {
    const [row] = await parts.sql<{ count: number }>(
      'select count(*)::int as count from delivery where lease_until > now()',
    )
    return row!.count
  }

  it('are not delayed by 200 look-ups that nobody answers, and neither are captures', async () => {
    const names = await nameServer(() => undefined)
    const quick = await way.receiver()
    for (let nth = 0; nth < 200; nth++) await way.endpointTo({ url: `http://stuck-${nth}.test/` })
    const { id } = await way.endpointTo(quick)
    way.start({ scheduleSeconds: [0, 3600], ...names })
    await way.captureMany(1)
    await eventually(
      async () => (await inFlight()) >= 200,
      async () => `${await inFlight()} are in flight`,
    )
    await way.captureMany(1)
    await way.allAre('SUCCEEDED', 2, id)
    // Nobody has given a look-up up yet, so nothing has waited for that.
    expect((await way.attempts()).filter(({ error }) => error !== null)).toEqual([])
    expect(await inFlight()).toBeGreaterThanOrEqual(200)
  })
})
