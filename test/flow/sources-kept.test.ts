import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { erasureParticipants } from '../../src/app/domain.ts'
import { findHeldPayloads } from '../../src/capture/source/held-payloads.ts'
import { pruneSources } from '../../src/capture/source/source-retention.ts'
import { readStorage } from '../../src/capture/storage.ts'
import { pruneRawFields } from '../../src/capture/submission-retention.ts'
import { createContactErasure } from '../../src/contacts/erase-contact.ts'
import { startSignals } from '../../src/events/signals.ts'
import { createLog } from '../../src/platform/log.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { json, lead, sourceClient } from '../support/source-client.ts'
import { addSource, type StoredSource, withSourceDoor } from '../support/source-door.ts'
import { viewerOf } from '../support/webhook-parts.ts'

let rex: TestHttp
let signals: Awaited<ReturnType<typeof startSignals>>
const { rows, stored, post } = sourceClient(() => rex)

beforeAll(async () => {
  rex = await startTestHttp({ replace: withSourceDoor })
  signals = await startSignals(rex.database, createLog('warn'))
})
afterAll(async () => {
  await signals?.stop()
  await rex?.stop()
})

const age = (source: StoredSource, days: number) =>
  rows(`update submission set received_at = now() - interval '${days} days' where source_id = $1`, [source.id])
const storageOf = async ({ workspaceId }: StoredSource) =>
  (await readStorage(rex.database, [workspaceId])).get(workspaceId) ?? 0
const summed = async ({ workspaceId }: StoredSource) => {
  const [row] = await rows<{ sum: number }>(
    'select sum(stored_bytes)::float8 as sum from submission where workspace_id = $1',
    [workspaceId],
  )
  return row?.sum ?? 0
}
const erase = async (email: string) => {
  const [contact] = await rows<{ id: string; workspace_id: string }>('select * from contact where email = $1', [email])
  const erasure = createContactErasure({ database: rex.database, signals, participants: erasureParticipants })
  return erasure.erase(viewerOf(contact!.workspace_id), contact!.id)
}

describe('retention of payloads', () => {
  it('deletes raw payloads after the days, what waits for a mapping after 30 at the earliest, and ignored ones whole', async () => {
    const source = await addSource(rex.database)
    await post(source, lead('kept1@example.com'), json)
    await post(source, '{"note":"kept2@example.com"}', json)
    await post(source, '{"event":"unsubscribe","email":"kept3@example.com"}', json)
    await age(source, 8)
    await pruneSources(rex.database, 7)
    const [accepted, held, ...none] = await stored(source)
    expect(none).toEqual([])
    expect(accepted).toMatchObject({ raw: null, raw_emails: [], fields: { email: 'kept1@example.com' } })
    expect(held).toMatchObject({ raw: { note: 'kept2@example.com' }, raw_emails: ['kept2@example.com'] })
    await pruneRawFields(rex.database, 1)
    expect((await stored(source))[1]).toMatchObject({ raw: { note: 'kept2@example.com' } })
    await age(source, 31)
    await pruneSources(rex.database, 7)
    expect((await stored(source))[1]).toMatchObject({ raw: null, raw_emails: [], reasons: ['needs_mapping'] })
    expect(await storageOf(source)).toBe(await summed(source))
  })

  it('deletes expired keys of repeated requests, and old counts of refusals', async () => {
    const source = await addSource(rex.database)
    await post(source, lead('key1@example.com'), json)
    await rows("update source_repeat set expires_at = now() - interval '2 minutes' where source_id = $1", [source.id])
    await rows(
      `insert into source_refusals (workspace_id, source_id, hour, count)
       values ($1, $2, now() - interval '3 days', 1), ($1, $2, now() - interval '3 hours', 2)`,
      [source.workspaceId, source.id],
    )
    await pruneSources(rex.database, 90)
    expect(await rows('select * from source_repeat where source_id = $1', [source.id])).toEqual([])
    expect(await rows('select count from source_refusals where source_id = $1', [source.id])).toEqual([{ count: 2 }])
  })
})

describe('erasure of a person', () => {
  it('finds every payload with the address, mapped or not, and leaves the leads of others', async () => {
    const source = await addSource(rex.database)
    await post(source, lead('ann@erase.example', { note: 'hi' }), json)
    await post(source, '{"text":"call Ann@Erase.example?x=1"}', json)
    await post(source, `{"rawRequest":"{\\"mail\\":\\"\\\\u003cann@erase.example\\\\u003e\\"}"}`, json)
    await post(source, '{"url":"https://x.example/?e=ann%40erase.example&y"}', json)
    await post(source, 'no form: ann@erase.example\nx', { 'content-type': 'text/plain' })
    await post(source, lead('bob@erase.example', { referrer: 'ann@erase.example' }), json)
    await post(source, '{"text":"joann@erase.example"}', json)
    const { workspaceId } = source
    expect(await findHeldPayloads(rex.database, workspaceId, ['ann@erase.example'])).toHaveLength(4)
    expect(await erase('ann@erase.example')).toMatchObject({ submissionsRedacted: 6 })
    const all = await stored(source)
    for (const row of all.slice(0, 5)) expect(row).toMatchObject({ raw: null, raw_emails: [], fields: {}, email: null })
    expect(all[5]).toMatchObject({ raw: null, raw_emails: [], fields: { email: 'bob@erase.example' } })
    expect(all[6]).toMatchObject({ raw: { text: 'joann@erase.example' } })
    expect(await storageOf(source)).toBe(await summed(source))
    expect(
      JSON.stringify(await rows('select answer from source_repeat where source_id = $1', [source.id])),
    ).not.toContain('ann')
  })

  it('takes a payload with more addresses than are searched for as one with the address', async () => {
    const source = await addSource(rex.database)
    const others = Array.from({ length: 3000 }, (_, nth) => `p${nth}@many.example`)
    await post(source, JSON.stringify({ note: [...others, 'last@erase.example'].join(' ') }), json)
    await post(source, lead('last@erase.example'), json)
    await post(source, lead('other@erase.example', { note: others.join(' ') }), json)
    await post(source, '{"note":"p1@many.example"}', json)
    expect(await erase('last@erase.example')).toMatchObject({ submissionsRedacted: 3 })
    const [list, own, other, short] = await stored(source)
    for (const row of [list, own]) expect(row).toMatchObject({ raw: null, raw_emails: [], fields: {} })
    expect(other).toMatchObject({ raw: null, raw_emails: [], fields: { email: 'other@erase.example' } })
    expect(short).toMatchObject({ raw: { note: 'p1@many.example' } })
    expect(await storageOf(source)).toBe(await summed(source))
  })
})
