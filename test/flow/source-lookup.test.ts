import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startSignals } from '../../src/events/signals.ts'
import { createSecretBox } from '../../src/platform/crypto/secret-box.ts'
import { newId } from '../../src/platform/ids.ts'
import type { FoundSource } from '../../src/sources/source-lookup.ts'
import { createSources, type Sources } from '../../src/sources/sources.ts'
import { createWorkspace } from '../../src/workspaces/workspace.ts'
import { deleteWorkspace } from '../../src/workspaces/workspace-end.ts'
import { eventually } from '../support/eventually.ts'
import { codeOf, openOwn, openParts, silentLog, type TestParts } from '../support/test-parts.ts'
import { secretBox, viewerOf } from '../support/webhook-parts.ts'

const names = { overlapHours: 'overlap_hours' }

describe('the source of a token', () => {
  let parts: TestParts
  let rex: Sources
  let workspaceId: string

  beforeAll(async () => {
    parts = await openParts()
    rex = createSources({ ...parts, secretBox })
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    const slug = `space-${crypto.randomUUID()}`
    const made = await createWorkspace(parts.database, { slug, name: slug, actor: 'system' })
    if (made.kind !== 'created') throw new Error('The slug is taken.')
    workspaceId = made.workspaceId
  })

  const create = (input: object = {}) => rex.sources.create(viewerOf(workspaceId), { name: 'Form', ...input }, names)
  const tokenOf = async (id: string) => {
    const [row] = await parts.sql<{ token: string }>('select token from source where id = $1', [id])
    return rex.sources.urlOf({ workspaceId, id, token: row!.token }, '').replace('/capture/', '')
  }
  const find = (token: string, { sourceLookup }: Sources = rex) => sourceLookup.find(token)
  const update = (id: string, change: object) => rex.sources.update(viewerOf(workspaceId), id, change, names)
  const rotate = (id: string, hours: number) => rex.sources.rotateUrl(viewerOf(workspaceId), id, hours, names)

  it('has what a request needs, with its secrets opened and its header in lower case', async () => {
    const mapping = [{ field: 'email', paths: ['mail'] }]
    const id = await create({ kind: 'TALLY', secret: 'first', header: 'X-Form-Secret', mapping })
    await update(id, { secret: 'second' })
    const expected: FoundSource = {
      workspaceId,
      id,
      name: 'Form',
      kind: 'TALLY',
      isEnabled: true,
      secrets: ['second', 'first'],
      header: 'x-form-secret',
      mapping,
    }
    expect(await find(await tokenOf(id))).toEqual(expected)
  })

  it.each(['', 'in_', 'in_short', `in_${'x'.repeat(24)}`, `in_${'x'.repeat(65)}`, `in_${'-'.repeat(24)}`, 'key'])(
    'is none for %j',
    async (token) => {
      expect(await find(token)).toBeUndefined()
    },
  )

  it('changes at once for the next request', async () => {
    const id = await create({ kind: 'TALLY', secret: 'first' })
    const token = await tokenOf(id)
    expect(await find(token)).toMatchObject({ isEnabled: true, secrets: ['first'] })
    await update(id, { enabled: false, name: 'Other' })
    expect(await find(token)).toMatchObject({ isEnabled: false, name: 'Other' })
    await update(id, { secret: 'second', overlapHours: 0 })
    expect(await find(token)).toMatchObject({ secrets: ['second'] })
    await update(id, { secret: null })
    expect(await find(token)).toMatchObject({ secrets: [] })
  })

  it('is the same for the old and the new token during the overlap, and ends with it', async () => {
    const id = await create()
    const old = await tokenOf(id)
    await find(old)
    await rotate(id, 24)
    const current = await tokenOf(id)
    expect([(await find(old))?.id, (await find(current))?.id]).toEqual([id, id])
    await rotate(id, 0)
    expect([await find(old), await find(current)]).toEqual([undefined, undefined])
    expect((await find(await tokenOf(id)))?.id).toBe(id)
  })

  it('no longer knows a secret or a token whose overlap is over', async () => {
    const id = await create({ kind: 'TALLY', secret: 'first' })
    const old = await tokenOf(id)
    await update(id, { secret: 'second' })
    await rotate(id, 24)
    await parts.sql(
      `update source set previous_secret_expires_at = now() - interval '1 second',
                         previous_token_expires_at = now() - interval '1 second'
       where id = $1`,
      [id],
    )
    expect(await find(old)).toBeUndefined()
    expect(await find(await tokenOf(id))).toMatchObject({ secrets: ['second'] })
  })

  it('is none after it was deleted, and none of a deleted workspace', async () => {
    const [gone, kept] = [await create(), await create()]
    const [goneToken, keptToken] = [await tokenOf(gone), await tokenOf(kept)]
    await find(goneToken)
    await rex.sources.remove(viewerOf(workspaceId), gone)
    expect(await find(goneToken)).toBeUndefined()
    const [{ slug }] = (await parts.sql<{ slug: string }>('select slug from workspace where id = $1', [
      workspaceId,
    ])) as [{ slug: string }]
    const operator = { workspaceId: 'ws_operator', apiKeyId: 'key_operator' }
    await deleteWorkspace(parts.database, { id: workspaceId, confirmSlug: slug, operator })
    expect(await find(keptToken)).toBeUndefined()
  })

  it('is unavailable while no key opens its secret, so that its tool sends the lead again', async () => {
    const id = await create({ kind: 'TALLY', secret: 'first' })
    const token = await tokenOf(id)
    const other = createSources({ ...parts, secretBox: createSecretBox([{ id: 'k9', key: Buffer.alloc(32, 9) }]) })
    expect(await codeOf(find(token, other))).toBe('unavailable')
  })

  it('is forgotten by other nodes when one changes it', async () => {
    const database = await openOwn(parts.own)
    const signals = await startSignals(database, silentLog)
    const other = createSources({ database, secretBox, signals })
    const id = await create()
    const token = await tokenOf(id)
    let notified = 0
    signals.subscribe('sources', () => {
      notified += 1
    })
    const found = await find(token, other)
    expect(await find(token, other)).toBe(found)
    const before = notified
    await update(id, { enabled: false })
    await eventually(
      async () => notified > before,
      () => 'the other node was not notified',
    )
    await eventually(
      async () => (await find(token, other))?.isEnabled === false,
      () => 'the other node has the source as it was',
    )
    await signals.stop()
    await database.close()
  })

  it('of another workspace cannot be changed', async () => {
    const id = await create()
    const stranger = viewerOf(newId('workspace'))
    const works = [
      () => rex.sources.update(stranger, id, { name: 'theirs' }, names),
      () => rex.sources.rotateUrl(stranger, id, 0, names),
      () => rex.sources.remove(stranger, id),
    ]
    for (const work of works) expect(await codeOf(work())).toBe('not_found')
    expect(await find(await tokenOf(id))).toMatchObject({ name: 'Form' })
  })
})
