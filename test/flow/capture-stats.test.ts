import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCaptureStats, type StatsRequest } from '../../src/capture/stats.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'

const nothing = { received: 0, created: 0, updated: 0, held: 0, spam: 0 }
const at = (time: string) => new Date(`2026-03-16T${time}Z`)
const hour = { workspaceId: 'ws_1', from: at('12:00:00.000'), to: at('13:00:00.000'), buckets: 4 }

describe('the captures of a range of time', () => {
  let parts: TestParts

  beforeAll(async () => {
    parts = await openParts()
    await parts.sql(
      `insert into submission (workspace_id, id, status, outcome, source, received_at)
       select workspace_id, 'sub_' || nth, status::submission_status, outcome::capture_outcome, source, at::timestamptz
       from (values
         (1, 'ws_1', 'ACCEPTED', 'CREATED', 'ads', '2026-03-16T11:59:59.999Z'),
         (2, 'ws_1', 'ACCEPTED', 'CREATED', 'ads', '2026-03-16T12:00:00.000Z'),
         (3, 'ws_1', 'ACCEPTED', 'UPDATED', 'ads', '2026-03-16T12:14:59.999Z'),
         (4, 'ws_1', 'ACCEPTED', 'UNCHANGED', null, '2026-03-16T12:15:00.000Z'),
         (5, 'ws_1', 'HELD', null, 'mail', '2026-03-16T12:59:59.999Z'),
         (6, 'ws_1', 'SPAM', null, null, '2026-03-16T12:45:00.000Z'),
         (7, 'ws_1', 'SPAM', null, null, '2026-03-16T13:00:00.000Z'),
         (8, 'ws_2', 'ACCEPTED', 'CREATED', 'ads', '2026-03-16T12:00:00.000Z'),
         (9, 'ws_1', 'IGNORED', null, 'ads', '2026-03-16T12:00:00.000Z'),
         (10, 'ws_1', 'IGNORED', null, 'unsubscribed', '2026-03-16T12:30:00.000Z')
       ) as posted (nth, workspace_id, status, outcome, source, at)`,
    )
    await parts.sql(
      `insert into submission (workspace_id, id, status, outcome, source, received_at)
       select 'ws_many', 'sub_many_' || nth, 'ACCEPTED', 'CREATED', 'source ' || (nth % 60), '2026-03-16T12:00:00Z'
       from generate_series(1, 100) nth`,
    )
  })

  afterAll(() => parts.close())

  const stats = (request: Partial<StatsRequest> = {}) => readCaptureStats(parts.database, { ...hour, ...request })

  it('are counted from its start until before its end, in buckets of equal width, without the events that are ignored', async () => {
    expect(await stats()).toEqual({
      totals: { received: 5, created: 1, updated: 1, held: 1, spam: 1 },
      buckets: [
        { start: at('12:00:00.000'), totals: { ...nothing, received: 2, created: 1, updated: 1 } },
        { start: at('12:15:00.000'), totals: { ...nothing, received: 1 } },
        { start: at('12:30:00.000'), totals: nothing },
        { start: at('12:45:00.000'), totals: { ...nothing, received: 2, held: 1, spam: 1 } },
      ],
      bySource: [
        { key: 'ads', totals: { ...nothing, received: 2, created: 1, updated: 1 } },
        { key: null, totals: { ...nothing, received: 2, spam: 1 } },
        { key: 'mail', totals: { ...nothing, received: 1, held: 1 } },
      ],
    })
  })

  it('are counted by the 50 sources with the most', async () => {
    const { bySource } = await stats({ workspaceId: 'ws_many' })
    expect(bySource).toHaveLength(50)
    expect(bySource.map(({ totals }) => totals.received)).toEqual([...Array(40).fill(2), ...Array(10).fill(1)])
  })

  it('are those of one workspace', async () => {
    expect(await stats({ workspaceId: 'ws_2' })).toMatchObject({ totals: { received: 1 } })
    expect(await stats({ workspaceId: 'ws_3' })).toMatchObject({ totals: nothing, bySource: [] })
  })

  it('are all counted where there are more buckets than milliseconds', async () => {
    const { buckets, totals } = await stats({ to: at('12:00:00.002'), buckets: 5 })
    expect(buckets).toHaveLength(5)
    expect(totals.received).toBe(1)
  })
})
