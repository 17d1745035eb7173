import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../src/platform/ids.ts'
import { createCachedFacts } from '../../src/server/facts/cached-facts.ts'
import { readServerFacts } from '../../src/server/facts/server-facts.ts'
import { captureOf } from '../support/captures.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { fanOutAll, newEndpoint } from '../support/webhook-parts.ts'

describe('the facts of a server', () => {
  let parts: TestParts
  let workspaceId: string

  beforeAll(async () => {
    parts = await openParts()
    workspaceId = newId('workspace')
    await parts.sql(`insert into workspace (id, slug, name) values ($1, 'facts', 'Facts')`, [workspaceId])
    await newEndpoint(parts, workspaceId, { url: 'https://example.com', events: ['*'] })
  })
  afterAll(() => parts.close())

  const read = () => readServerFacts(parts.database, [{ reader: 'fanout', position: 0 }])
  const capture = (email: string) => parts.captureAll([captureOf(workspaceId, { email })])

  it('show how far each reader is behind, in events and seconds, also before it has ever read', async () => {
    await capture('one@example.com')
    await capture('two@example.com')
    await parts.sql(
      `update event set created_at = now() - interval '1 hour' where position = (select min(position) from event)`,
    )
    const { eventLogPosition, readers } = await read()
    expect(readers).toEqual([{ reader: 'fanout', lagEvents: eventLogPosition, lagSeconds: expect.any(Number) }])
    expect(Math.round(readers![0]!.lagSeconds / 60)).toBe(60)
    await fanOutAll(parts)
    expect((await read()).readers).toEqual([{ reader: 'fanout', lagEvents: 0, lagSeconds: 0 }])
  })

  it('show workspaces that fan-out has left behind as a reader of their own', async () => {
    await parts.sql(`insert into reader_position (workspace_id, reader, position) values ($1, 'fanout', 0)`, [
      workspaceId,
    ])
    const { readers } = await read()
    await parts.sql('delete from reader_position where workspace_id = $1', [workspaceId])
    expect(readers).toMatchObject([{ reader: 'fanout' }, { reader: 'fanout_behind', lagEvents: 2 }])
  })

  it('show due deliveries and the oldest, but none that waits on purpose', async () => {
    await parts.sql(`update delivery set next_attempt_at = now() - interval '10 minutes'`)
    const { deliveries } = await read()
    expect(deliveries?.due).toBe(2)
    expect(Math.round(deliveries!.oldestDueSeconds / 60)).toBe(10)
    const none = { due: 0, oldestDueSeconds: 0 }
    await parts.sql(`update webhook_endpoint set probe_at = now() + interval '1 hour'`)
    expect((await read()).deliveries).toEqual(none)
    await parts.sql(`update webhook_endpoint set probe_at = null`)
    await parts.sql(`update workspace set disabled_at = now() where id = $1`, [workspaceId])
    expect((await read()).deliveries).toEqual(none)
    await parts.sql(`update workspace set disabled_at = null where id = $1`, [workspaceId])
    await parts.sql(`update delivery set next_attempt_at = now() + interval '1 minute'`)
    expect((await read()).deliveries).toEqual(none)
  })

  it('show a reason that a tool invented as other, and count a submission once', async () => {
    const hold = (reasons: readonly string[]) =>
      parts.sql(
        `insert into submission (workspace_id, id, status, spam_reasons, reasons) values ($1, $2, 'HELD', '{}', $3::text[])`,
        [workspaceId, newId('submission'), reasons],
      )
    await hold(['needs_mapping', 'invalid_email'])
    await hold(['Form.Submitted jane@example.com'])
    await hold([])
    expect((await read()).held).toEqual(
      new Map([
        ['needs_mapping', 1],
        ['other', 2],
      ]),
    )
  })

  it('keep what is known when one cannot be read, and do not wait for it', async () => {
    const facts = createCachedFacts(parts.database, { freshMs: 0 })
    const before = await facts.current()
    await parts.sql('alter table submission rename column spam_reasons to elsewhere')
    const during = await facts.current()
    await parts.sql('alter table submission rename column elsewhere to spam_reasons')
    expect(during.held).toEqual(before.held)
    expect(during.isDatabaseSilent).toBe(false)
    const hanging = createCachedFacts({ ...parts.database, query: () => new Promise(() => {}) }, { waitMs: 50 })
    expect(await hanging.current()).toEqual({ isDatabaseSilent: false })
  })
})
