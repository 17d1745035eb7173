import { expect } from 'vitest'
import { createApiKey } from '../../src/workspaces/api-key.ts'
import { createWorkspace } from '../../src/workspaces/workspace.ts'
import { type Received, send } from './http-client.ts'
import { startTestHttp, type TestHttp } from './http-parts.ts'

type Scopes = Parameters<typeof createApiKey>[1]['scopes']

/** A workspace of a test, and what it calls `/sources` with. */
export interface SourceSpace {
  readonly workspaceId: string
  /** Its ADMIN key. */
  readonly key: string
  keyWith(scopes: Scopes): Promise<string>
}

/** `/sources` of a server, with a look into its table. */
export interface SourceCalls {
  readonly rex: TestHttp
  makeSpace(): Promise<SourceSpace>
  call(method: string, path: string, body: unknown, key: string | null): Promise<Received>
  create(body: Readonly<Record<string, unknown>>, key: string): Promise<CreatedSource>
  /** Every column of every source. */
  stored(): Promise<StoredSource[]>
  storedOf(id: string): Promise<StoredSource>
}

type CreatedSource = Readonly<Record<string, unknown>> & { readonly id: string; readonly url: string }

interface StoredSource {
  readonly id: string
  readonly token_hash: string
  readonly token: string
  readonly previous_token_hash: string | null
  readonly previous_token_expires_at: Date | null
  readonly secret: string | null
  readonly previous_secret: string | null
  readonly previous_secret_expires_at: Date | null
  readonly updated_at: Date
}

export async function startSourceCalls(): Promise<SourceCalls> {
  const rex = await startTestHttp()
  const call: SourceCalls['call'] = (method, path, body, key) =>
    send(rex.url, {
      method,
      path,
      headers: {
        ...(key !== null && { 'x-api-key': key }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  const stored = () => rex.database.query<StoredSource>({ name: '', text: 'select * from source order by id' })
  return {
    rex,
    makeSpace: async () => {
      const slug = `space-${crypto.randomUUID()}`
      const made = await createWorkspace(rex.database, { slug, name: slug, actor: 'system' })
      if (made.kind !== 'created') throw new Error('The slug is taken.')
      const { workspaceId, token: key } = made
      const keyWith = async (scopes: Scopes) =>
        (await createApiKey(rex.database, { workspaceId, name: 'limited', scopes, actor: 'system' })).token
      return { workspaceId, key, keyWith }
    },
    call,
    create: async (body, key) => {
      const answer = await call('POST', '/sources', { name: 'Pricing page', ...body }, key)
      expect(answer.status).toBe(201)
      return answer.json.data as CreatedSource
    },
    stored,
    storedOf: async (id) => {
      const row = (await stored()).find((each) => each.id === id)
      if (row === undefined) throw new Error('There is no such row.')
      return row
    },
  }
}
