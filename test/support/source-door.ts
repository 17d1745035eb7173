import { createHash, randomBytes } from 'node:crypto'
import { createSourceDoor } from '../../src/app/source-door.ts'
import type { InboundSource, LeadReading, ReadLead } from '../../src/capture/source/inbound-source.ts'
import { type Database, statement } from '../../src/database/database.ts'
import { newId } from '../../src/platform/ids.ts'
import { createShutdownHooks } from '../../src/platform/shutdown.ts'
import type { SourceDoorParts } from '../../src/rest/capture/source-route.ts'
import type { HttpParts } from '../../src/rest/http-server.ts'
import type { Kind } from '../../src/sources/kinds/kind.ts'
import { isJsonObject } from '../../src/sources/payload.ts'
import { hmac } from '../../src/sources/verify/hmac.ts'
import { createWorkspaces } from '../../src/workspaces/workspace.ts'
import { testRates } from './test-rates.ts'

type NewSource = Partial<Omit<InboundSource, 'workspaceId' | 'id'>>

/** A source, and its token. */
export interface StoredSource {
  readonly id: string
  readonly workspaceId: string
  readonly token: string
}

/** Kinds of these tests: one signs and names its submissions, one has a secret in the body, one shakes hands. */
export const testKinds: readonly Kind[] = [
  kindOf({
    name: 'TYPEFORM',
    recognizes: ({ body }) => isJsonObject(body['form_response']),
    repeatId: ({ body }) => {
      const token = isJsonObject(body['form_response']) ? body['form_response']['token'] : undefined
      return typeof token === 'string' ? token : undefined
    },
    verification: hmac({ header: 'typeform-signature', algorithm: 'sha256', encoding: 'base64', prefix: 'sha256=' }),
  }),
  kindOf({ name: 'GOOGLE_ADS', recognizes: ({ body }) => 'google_key' in body, secretKeys: ['google_key'] }),
  kindOf({
    name: 'SLACK',
    handshake: ({ method, body, query, secrets }) => {
      if (method === 'POST')
        return isJsonObject(body) && typeof body['challenge'] === 'string'
          ? { status: 200, type: 'text/plain', body: body['challenge'] }
          : undefined
      const challenge = query.get('hub.challenge')
      if (challenge === null) return undefined
      const isKnown = secrets.includes(query.get('hub.verify_token') ?? '')
      return { status: isKnown ? 200 : 403, type: 'text/plain', body: isKnown ? challenge : '' }
    },
  }),
]

function kindOf(kind: Pick<Kind, 'name'> & Partial<Kind>): Kind {
  return {
    title: kind.name,
    recognizes: () => false,
    read: () => ({ outcome: 'lead', answers: [] }),
    setup: ['', '', ''],
    evidence: 'shape',
    ...kind,
  }
}

/** Reads leads whose fields have the names of `POST /capture`; `event: "unsubscribe"` is no lead. */
export const readPlainLead: ReadLead = ({ payload, kinds, query, sourceName }): LeadReading => {
  const { body } = payload
  const text = (key: string) => (typeof body[key] === 'string' && body[key] !== '' ? body[key] : undefined)
  const recognizedKind = kinds.find((kind) => kind.recognizes(payload))?.name
  const known = new Set(['email', 'first_name', 'last_name', 'event', 'form_response', 'google_key'])
  const rest = Object.entries(body).filter(([key, value]) => !known.has(key) && typeof value === 'string')
  const fields = {
    firstName: text('first_name'),
    lastName: text('last_name'),
    source: query.get('source') ?? sourceName,
    metadata: Object.fromEntries(rest.map(([key, value]) => [key, String(value)])),
  }
  const email = text('email')
  if (body['throws'] === 'yes') throw new Error('jane@example.com broke the reader')
  if (body['event'] === 'unsubscribe')
    return { status: 'ignored', reasons: ['unsubscribe'], email: undefined, fields, recognizedKind }
  if (email === undefined) return { status: 'held', reasons: ['needs_mapping'], email, fields, recognizedKind }
  return { status: 'accepted', reasons: [], email, fields, recognizedKind }
}

/** Stores a source of the default workspace. */
export async function addSource(
  database: Database,
  { name = 'Pricing page', kind = 'GENERIC', isEnabled = true, secrets = [], header = null }: NewSource = {},
): Promise<StoredSource> {
  const token = `in_${randomBytes(16).toString('hex')}`
  const id = newId('event').replace('evt_', 'src_')
  const [row] = await database.query<{ workspace_id: string }>(insertSource, [
    id,
    name,
    kind,
    isEnabled,
    hashOf(token),
    secrets.join(' ') || null,
    header,
  ])
  return { id, token, workspaceId: row?.workspace_id ?? '' }
}

/** Opens the door of sources on the parts of a test server. */
export function withSourceDoor(parts: HttpParts, given: Partial<SourceDoorParts> = {}): HttpParts {
  const { database } = parts
  const domain = { ...parts, rates: testRates(), workspaces: createWorkspaces(database) }
  const shutdown = createShutdownHooks(parts.log)
  const sourceDoor = createSourceDoor({ ...parts, shutdown }, domain, {
    kinds: { allKinds: testKinds, kindOf: (name) => testKinds.find((kind) => kind.name === name) },
    readLead: readPlainLead,
    sources: { find: (token) => findSource(database, token) },
  })
  return { ...parts, sourceDoor: { ...sourceDoor, ...given } }
}

async function findSource(database: Database, token: string): Promise<InboundSource | undefined> {
  const [row] = await database.query<SourceRow>(selectSource, [hashOf(token)])
  if (row === undefined) return undefined
  const { workspace_id: workspaceId, enabled: isEnabled, secret, ...source } = row
  return { ...source, workspaceId, isEnabled, secrets: secret === null ? [] : secret.split(' ') }
}

interface SourceRow extends Pick<InboundSource, 'id' | 'name' | 'kind' | 'header' | 'mapping'> {
  workspace_id: string
  enabled: boolean
  secret: string | null
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

const insertSource = statement(
  'test_insert_source',
  `insert into source (workspace_id, id, name, kind, enabled, token_hash, token, secret, header)
   select workspace.id, $1, $2, $3::text::source_kind, $4, $5, '', $6, $7 from workspace where slug = 'default'
   returning workspace_id`,
)

const selectSource = statement(
  'test_select_source',
  `select workspace_id, id, name, kind::text, enabled, secret, header, mapping from source where token_hash = $1`,
)
