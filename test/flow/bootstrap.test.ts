import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createApiKey, revokeApiKey } from '../../src/workspaces/api-key.ts'
import { bootstrap } from '../../src/workspaces/bootstrap.ts'
import { canBeKey, hashKey } from '../../src/workspaces/key.ts'
import { createViewers, hasScope, type Viewers } from '../../src/workspaces/viewer.ts'
import { createWorkspace, createWorkspaces, findWorkspaceId } from '../../src/workspaces/workspace.ts'
import { eventually } from '../support/eventually.ts'
import { codeOf, openParts, type TestParts } from '../support/test-parts.ts'

describe('a database', () => {
  let parts: TestParts
  let viewers: Viewers
  let slug: string
  let count = 0

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(() => {
    slug = `space-${++count}`
    viewers = createViewers(parts.database)
  })

  const configuredKey = () => `configured-key-of-${slug}-0123456789`
  const start = (key?: string) => bootstrap(parts.database, { slug, configuredKey: key })
  const keys = () =>
    parts.sql<{ id: string; hash: string; scopes: string; prefix: string; last_four: string }>(
      `select k.id, k.hash, k.scopes::text as scopes, k.prefix, k.last_four
       from api_key k join workspace w on w.id = k.workspace_id where w.slug = $1 order by k.id`,
      [slug],
    )
  const authenticate = (key: string) => createViewers(parts.database).authenticate(key)

  describe('the first start', () => {
    it('makes the default workspace and an ADMIN key, which it tells this once', async () => {
      const { generatedKey } = await start()
      expect(canBeKey(generatedKey!)).toBe(true)
      const viewer = await authenticate(generatedKey!)
      expect(hasScope(viewer, 'WEBHOOKS_WRITE')).toBe(true)
      expect(viewer.workspaceId).toBe(await findWorkspaceId(parts.database, slug))
      expect(await start()).toEqual({})
      expect(await keys()).toHaveLength(1)
    })

    it('makes the configured key, and tells none', async () => {
      expect(await start(configuredKey())).toEqual({})
      expect(hasScope(await authenticate(configuredKey()), 'ADMIN')).toBe(true)
      expect(await keys()).toMatchObject([{ hash: hashKey(configuredKey()), scopes: '{ADMIN}' }])
    })

    it('keeps nothing of a generated key but its hash, its id and four characters', async () => {
      const { generatedKey } = await start()
      const [row] = await keys()
      const [, id, random] = generatedKey!.split('_')
      expect(row).toMatchObject({
        hash: hashKey(generatedKey!),
        prefix: `rex_${id}`,
        last_four: generatedKey!.slice(-4),
      })
      const dump = await parts.sql<{ text: string }>(
        `select (k.*)::text as text from api_key k union all select (a.*)::text from audit_entry a`,
      )
      expect(dump.map(({ text }) => text).join('\n')).not.toContain(random!)
    })

    it('of several that come together makes one workspace and tells one key', async () => {
      const started = await Promise.all(Array.from({ length: 6 }, () => start()))
      expect(started.filter(({ generatedKey }) => generatedKey !== undefined)).toHaveLength(1)
      expect(await keys()).toHaveLength(1)
    })

    it('of several that come together with a configured key makes one key', async () => {
      await Promise.all(Array.from({ length: 6 }, () => start(configuredKey())))
      expect(await keys()).toHaveLength(1)
      await authenticate(configuredKey())
    })
  })

  describe('the first start without a default workspace', () => {
    it.each([undefined, 'configured-key-of-the-first-0123456789'])(
      'makes the first one and its key all the same, once, whoever comes together: %s',
      async (configuredKey) => {
        const fresh = await openParts()
        onTestFinished(() => fresh.close())
        const startFresh = () => bootstrap(fresh.database, { slug: '', configuredKey })
        const generated = (await Promise.all([startFresh(), startFresh()])).flatMap(
          ({ generatedKey }) => generatedKey ?? [],
        )
        expect(generated).toHaveLength(configuredKey === undefined ? 1 : 0)
        const viewer = await createViewers(fresh.database).authenticate(configuredKey ?? generated[0]!)
        expect(hasScope(viewer, 'ADMIN')).toBe(true)
        expect(await fresh.sql('select slug from workspace')).toEqual([{ slug: 'default' }])
        expect(await startFresh()).toEqual({})
      },
    )

    it('makes no other where there is one, and adds a configured key that is new to the oldest', async () => {
      const own = await openParts()
      onTestFinished(() => own.close())
      await bootstrap(own.database, { slug: 'acme', configuredKey: undefined })
      await bootstrap(own.database, { slug: 'beta', configuredKey: undefined })
      expect(await bootstrap(own.database, { slug: '', configuredKey: undefined })).toEqual({})
      expect(await bootstrap(own.database, { slug: '', configuredKey: configuredKey() })).toEqual({})
      const { workspaceId } = await createViewers(own.database).authenticate(configuredKey())
      expect(workspaceId).toBe(await findWorkspaceId(own.database, 'acme'))
      expect(await own.sql('select slug from workspace order by slug')).toEqual([{ slug: 'acme' }, { slug: 'beta' }])
    })
  })

  describe('a later start', () => {
    const short = () => `short-${slug}-0123456789`

    it('11.14: refuses a new key of less than 32 characters in one line, and makes nothing', async () => {
      expect(short().length).toBeLessThan(32)
      await expect(start(short())).rejects.toThrow(/^REX_API_KEY: must have at least 32 characters/)
      expect(await findWorkspaceId(parts.database, slug)).toBeUndefined()
      await start(configuredKey())
      await expect(start(short())).rejects.toThrow(/^REX_API_KEY: must have at least 32 characters/)
      expect(await keys()).toHaveLength(1)
    })

    it('11.14: goes on with a shorter key that is there, and shows no more than four of its characters', async () => {
      const made = { slug, name: slug, actor: 'test', token: short() }
      expect((await createWorkspace(parts.database, made)).kind).toBe('created')
      await parts.sql('update api_key set prefix = $2 where hash = $1', [hashKey(short()), short().slice(0, 4)])
      expect(await start(short())).toEqual({})
      expect(hasScope(await authenticate(short()), 'ADMIN')).toBe(true)
      expect(await keys()).toMatchObject([{ prefix: '', last_four: short().slice(-4) }])
    })

    it('11.14: leaves what is shown of generated keys', async () => {
      const { generatedKey } = await start()
      await start()
      expect(await keys()).toMatchObject([{ prefix: generatedKey!.slice(0, 12), last_four: generatedKey!.slice(-4) }])
    })

    it('adds a configured key that is new, and leaves the others', async () => {
      const { generatedKey } = await start()
      await Promise.all([start(configuredKey()), start(configuredKey()), start(configuredKey())])
      expect(await keys()).toHaveLength(2)
      const found = await Promise.all([authenticate(generatedKey!), authenticate(configuredKey())])
      expect(found[0]!.workspaceId).toBe(found[1]!.workspaceId)
    })

    it('leaves a configured key revoked that was revoked', async () => {
      await start(configuredKey())
      const { workspaceId, apiKeyId: id } = await authenticate(configuredKey())
      expect(await revokeApiKey(parts.database, { workspaceId, id, actor: 'test' })).toEqual([id])
      await start(configuredKey())
      expect(await codeOf(authenticate(configuredKey()))).toBe('unauthenticated')
      expect(await keys()).toHaveLength(1)
    })
  })

  describe('a key', () => {
    async function workspaceWithKey() {
      const created = await createWorkspace(parts.database, { slug, name: slug, actor: 'test' })
      if (created.kind !== 'created') throw new Error('taken')
      return created
    }

    it('is known with its scopes and its workspace', async () => {
      const { workspaceId } = await workspaceWithKey()
      const scopes = ['CAPTURE', 'CONTACTS_READ'] as const
      const { id, token } = await createApiKey(parts.database, { workspaceId, name: 'form', scopes, actor: 'test' })
      const viewer = await viewers.authenticate(token)
      expect(viewer).toEqual({ workspaceId, apiKeyId: id, scopes: new Set(scopes), expiresAt: null })
      expect([hasScope(viewer, 'CAPTURE'), hasScope(viewer, 'ADMIN'), hasScope(viewer, 'PII_READ')]).toEqual([
        true,
        false,
        false,
      ])
    })

    it.each(['short', '', `rex_${'0'.repeat(8)}_${'0'.repeat(32)}_000000`, 'nobody-knows-this-key'])(
      'is refused when it is unknown: %s',
      async (key) => {
        expect(await codeOf(viewers.authenticate(key))).toBe('unauthenticated')
      },
    )

    it('is refused once it has expired, though it was remembered', async () => {
      const { workspaceId } = await workspaceWithKey()
      const expiresAt = new Date(Date.now() + 200)
      const request = { workspaceId, name: 'x', scopes: [], actor: 'test' }
      const { token } = await createApiKey(parts.database, { ...request, expiresAt })
      const past = await createApiKey(parts.database, { ...request, expiresAt: new Date(Date.now() - 1) })
      expect(await codeOf(viewers.authenticate(past.token))).toBe('unauthenticated')
      let code: string | undefined
      await eventually(
        async () => {
          code = await codeOf(viewers.authenticate(token))
          return code !== undefined
        },
        () => 'still good',
        1500,
      )
      expect([code, Date.now() >= expiresAt.getTime()]).toEqual(['unauthenticated', true])
    })

    it('is refused at once where it was revoked, and revoking is told once', async () => {
      const { workspaceId, token } = await workspaceWithKey()
      const { apiKeyId: id } = await viewers.authenticate(token)
      const revoke = () => revokeApiKey(parts.database, { workspaceId, id, actor: 'test' })
      expect((await Promise.all([revoke(), revoke(), revoke()])).flat()).toEqual([id])
      viewers.forget()
      expect(await codeOf(viewers.authenticate(token))).toBe('unauthenticated')
      const entries = await parts.sql(`select 1 from audit_entry where action = 'api_key.revoked' and target_id = $1`, [
        id,
      ])
      expect(entries).toHaveLength(1)
    })

    it('is revoked by its own workspace alone', async () => {
      const { token, workspaceId } = await workspaceWithKey()
      const { apiKeyId: id } = await viewers.authenticate(token)
      expect(await revokeApiKey(parts.database, { workspaceId: 'ws_other', id, actor: 'test' })).toBeUndefined()
      expect(await revokeApiKey(parts.database, { workspaceId, id: 'key_nobody', actor: 'test' })).toBeUndefined()
      await authenticate(token)
    })
  })

  describe('a workspace', () => {
    it('is made once by its slug, however many come together', async () => {
      const request = { slug, name: 'Acme', actor: 'test' }
      const made = await Promise.all(Array.from({ length: 6 }, () => createWorkspace(parts.database, request)))
      expect(made.map(({ kind }) => kind).toSorted()).toEqual(['created', ...Array(5).fill('taken')])
      expect(await keys()).toHaveLength(1)
    })

    it('is found by slug and by id, with its stages', async () => {
      const created = await createWorkspace(parts.database, { slug, name: 'Acme', actor: 'test' })
      const workspaces = createWorkspaces(parts.database)
      const bySlug = await workspaces.bySlug(slug)
      expect(bySlug).toMatchObject({ slug, name: 'Acme', mergePolicy: 'OVERWRITE', allowedOrigins: [] })
      expect(bySlug!.stages[0]).toBe('lead')
      expect(created).toMatchObject({ kind: 'created', workspaceId: bySlug!.id })
      expect(await workspaces.byId(bySlug!.id)).toEqual(bySlug)
      expect(await workspaces.bySlug('nobody')).toBeUndefined()
    })
  })
})
