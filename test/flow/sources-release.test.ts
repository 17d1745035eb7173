import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createModeration, type Moderation } from '../../src/capture/moderation.ts'
import type { ReadLead } from '../../src/capture/source/inbound-source.ts'
import { readStorage } from '../../src/capture/storage.ts'
import { startSignals } from '../../src/events/signals.ts'
import { createLog } from '../../src/platform/log.ts'
import { createWorkspaces } from '../../src/workspaces/workspace.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { json, lead, sourceClient } from '../support/source-client.ts'
import { addSource, readPlainLead, type StoredSource, testKinds, withSourceDoor } from '../support/source-door.ts'
import { viewerOf } from '../support/webhook-parts.ts'

let rex: TestHttp
let moderation: Moderation
let signals: Awaited<ReturnType<typeof startSignals>>
const { rows, stored, post } = sourceClient(() => rex)

/** Reads the e-mail where a mapping has it, else like the others. */
const readMapped: ReadLead = (request) => {
  const reading = readPlainLead(request)
  const rule = request.mapping.find(({ field }) => field === 'email')
  const mapped = rule === undefined ? undefined : request.payload.body[rule.paths[0] ?? '']
  return typeof mapped === 'string' ? { ...reading, status: 'accepted', reasons: [], email: mapped } : reading
}

beforeAll(async () => {
  rex = await startTestHttp({ replace: withSourceDoor })
  signals = await startSignals(rex.database, createLog('warn'))
  const workspaces = createWorkspaces(rex.database)
  const kinds = { allKinds: testKinds, kindOf: () => undefined }
  const heldLeads = { kinds, readLead: readMapped }
  moderation = createModeration({ database: rex.database, signals, workspaces, heldLeads })
})
afterAll(async () => {
  await signals?.stop()
  await rex?.stop()
})

const map = (source: StoredSource, path: string) =>
  rows(
    `update source set mapping = jsonb_build_array(jsonb_build_object('field', 'email', 'paths', array[$2])) where id = $1`,
    [source.id, path],
  )

describe('releasing a payload that was held', () => {
  it('maps it anew, with the mapping as it is by then', async () => {
    const source = await addSource(rex.database)
    const viewer = viewerOf(source.workspaceId)
    const { id } = (await post(source, '{"first_name":"Jane","mail":"late@release.example"}', json, '?source=Spring'))
      .json.data
    await expect(moderation.release(viewer, id)).rejects.toMatchObject({ code: 'conflict' })
    await map(source, 'mail')
    await moderation.release(viewer, id)
    const [row] = await stored(source)
    expect(row).toMatchObject({
      status: 'ACCEPTED',
      fields: { email: 'late@release.example', first_name: 'Jane', source: 'Spring' },
      reasons: ['needs_mapping'],
      raw: { first_name: 'Jane', mail: 'late@release.example' },
    })
    expect(await rows('select email from contact where id = $1', [row!.contact_id])).toEqual([
      { email: 'late@release.example' },
    ])
    await expect(moderation.release(viewer, id)).rejects.toMatchObject({ code: 'conflict' })
    const used = (await readStorage(rex.database, [source.workspaceId])).get(source.workspaceId)
    const [sum] = await rows('select sum(stored_bytes)::float8 as sum from submission')
    expect(sum).toEqual({ sum: used })
  })

  it('takes an e-mail by hand where none was found, and no other where one was', async () => {
    const source = await addSource(rex.database)
    const viewer = viewerOf(source.workspaceId)
    const none = (await post(source, '{"first_name":"Jane"}', json)).json.data
    await expect(moderation.release(viewer, none.id, 'no address')).rejects.toMatchObject({ code: 'conflict' })
    await moderation.release(viewer, none.id, 'Hand@release.example')
    expect((await stored(source))[0]).toMatchObject({ status: 'ACCEPTED', fields: { email: 'hand@release.example' } })
    const own = (await post(source, lead('own@mailinator.com'), json)).json.data
    await expect(moderation.release(viewer, own.id, 'hand@release.example')).rejects.toMatchObject({
      code: 'conflict',
    })
    await moderation.release(viewer, own.id)
    expect((await stored(source))[1]).toMatchObject({ status: 'ACCEPTED', fields: { email: 'own@mailinator.com' } })
  })

  it('releases all of a source that is understood by now, and leaves what screening holds', async () => {
    const source = await addSource(rex.database)
    const other = await addSource(rex.database)
    const held = ['a@all.example', 'b@all.example', 'c@mailinator.com', 'no address']
    for (const mail of held) await post(source, JSON.stringify({ mail }), json)
    await post(source, '{"text":"nobody"}', json)
    await post(other, '{"mail":"d@all.example"}', json)
    await map(source, 'mail')
    const viewer = viewerOf(source.workspaceId)
    expect(await moderation.releaseHeld(viewer, source.id)).toEqual({ released: 2, stillHeld: 3 })
    expect((await stored(source)).map(({ status }) => status)).toEqual(['ACCEPTED', 'ACCEPTED', 'HELD', 'HELD', 'HELD'])
    expect((await stored(other))[0]).toMatchObject({ status: 'HELD' })
    expect(await moderation.releaseHeld(viewer, source.id)).toEqual({ released: 0, stillHeld: 3 })
  })

  it('has nothing to release once it is erased', async () => {
    const source = await addSource(rex.database)
    const { id } = (await post(source, '{"mail":"gone@release.example"}', json)).json.data
    await rows("update submission set raw = null, raw_emails = '{}', fields = '{}', email = null where id = $1", [id])
    await expect(moderation.release(viewerOf(source.workspaceId), id)).rejects.toMatchObject({ code: 'conflict' })
  })
})
