import { expect } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { send, sendJson } from '../support/http-client.ts'
import { onServer } from '../support/on-server.ts'
import { scrape } from '../support/scrapes.ts'

interface Served {
  readonly url: string
  readonly key: string
}

/** A key whose lists are read from the replica until it writes. */
export interface Caller {
  readonly key: string
  capture(email: string): Promise<void>
  lists(email: string): Promise<boolean>
  counts(): Promise<number>
  exports(email: string): Promise<boolean>
  findsByEmail(email: string): Promise<boolean>
}

/** Makes a key. It has written nothing: the ADMIN key did. */
export async function openCaller(app: Served): Promise<Caller> {
  const admin = createGraphqlClient(app)
  return callerOf(app.url, await createKey(admin, ['CAPTURE', 'CONTACTS_READ', 'EVENTS_READ', 'PII_READ']))
}

/** The same key at another node. Each request has a connection of its own, which any process may get. */
export function callerOf(url: string, key: string): Caller {
  const read = async <Data>(query: string, variables?: unknown) => {
    const { json, text } = await sendJson(url, '/graphql', { query, variables }, { 'x-api-key': key })
    expect(text).not.toContain('"errors"')
    return json.data as Data
  }
  return {
    key,
    capture: async (email) => {
      const { status } = await sendJson(url, '/capture', { email }, { 'x-api-key': key })
      expect(status).toBe(201)
    },
    lists: async (email) => {
      const { contacts } = await read<Contacts>('{ contacts(first: 50) { nodes { email } } }')
      return contacts.nodes.some((contact) => contact.email === email)
    },
    counts: async () => {
      const { contacts } = await read<Counted>('{ contacts(first: 1) { totalCount { value } } }')
      return contacts.totalCount.value
    },
    exports: async (email) => {
      const { status, text } = await send(url, { path: '/contacts/export?format=csv', headers: { 'x-api-key': key } })
      expect(status).toBe(200)
      return text.includes(email)
    },
    findsByEmail: async (email) => {
      const { contact } = await read<{ contact: unknown }>(
        'query ($email: String!) { contact(by: { email: $email }) { id } }',
        { email },
      )
      return contact !== null
    },
  }
}

interface Contacts {
  readonly contacts: { readonly nodes: readonly { readonly email: string }[] }
}

interface Counted {
  readonly contacts: { readonly totalCount: { readonly value: number } }
}

/** A capture of nobody's key. */
export async function captureAnonymously(url: string, email: string): Promise<void> {
  const { status } = await sendJson(url, '/capture', { email })
  expect(status).toBe(201)
}

export async function isInUse(app: { readonly url: string }): Promise<boolean> {
  return (await scrape(app)).get('rex_replica_in_use') === 1
}

/** Waits until lists are read from the replica, or from the primary. */
export async function expectInUse(app: { readonly url: string }, wanted: boolean): Promise<void> {
  await eventually(
    async () => (await isInUse(app)) === wanted,
    () => `rex_replica_in_use is not ${wanted ? 1 : 0}`,
  )
}

export function pauseReplay(replica: { readonly url: string }): Promise<void> {
  return onServer(replica.url, 'select pg_wal_replay_pause()')
}

export function resumeReplay(replica: { readonly url: string }): Promise<void> {
  return onServer(replica.url, 'select pg_wal_replay_resume()')
}
