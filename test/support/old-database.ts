import { readFileSync } from 'node:fs'
import { onServer } from './on-server.ts'
import { createEmptyDatabase, type OwnDatabase } from './test-database.ts'

interface Answer {
  readonly nodes: readonly { readonly id: string }[]
}

/** What is known about the database of 0.1: how to get in, and what 0.1 answered. */
export interface OldDatabase {
  readonly apiKey: string
  readonly encryptionKeys: string
  readonly keys: Readonly<Record<'capture' | 'reader' | 'hooks' | 'revoked' | 'acme', string>>
  /** Origin of all endpoints. */
  readonly receiver: string
  readonly secrets: Readonly<Record<'ok' | 'plain' | 'rotated', string>>
  readonly endpoints: Readonly<Record<'ok' | 'plain' | 'fail' | 'held' | 'gone' | 'later', string>>
  readonly idempotent: Readonly<Record<'anonymous' | 'keyed', Readonly<Record<string, unknown>>>>
  readonly erased: string
  /** GraphQL documents, and the data of their answers, each with one field. */
  readonly questions: Readonly<Record<string, string>>
  readonly answers: Readonly<Record<string, Readonly<Record<string, Answer>>>>
  readonly replay: { readonly id: string }
  readonly cursors: {
    readonly contacts: string
    readonly contactsByEmail: string
    readonly events: string
    readonly deliveries: string
    /** Resume token of one event. */
    readonly event: { readonly id: string; readonly cursor: string }
  }
}

const folder = new URL('../flow/fixtures/', import.meta.url)

export const oldDatabase = JSON.parse(readFileSync(new URL('rex-0.1.json', folder), 'utf8')) as OldDatabase

/** A database that 0.1 made, as if it had run until now; its endpoints are at `receiver`. */
export async function createOldDatabase(receiver: string): Promise<OwnDatabase> {
  const database = await createEmptyDatabase()
  const dump = readFileSync(new URL('rex-0.1.sql', folder), 'utf8').replaceAll(oldDatabase.receiver, receiver)
  await runScript(database, `${dump}\n${untilNow}`)
  return database
}

function runScript({ environment }: Pick<OwnDatabase, 'environment'>, script: string): Promise<void> {
  return onServer(environment.DATABASE_URL, script)
}

/** Otherwise retention would take events and deliveries, and keys and overlaps would have run out. */
const ageing: Readonly<Record<string, readonly string[]>> = {
  submission: ['received_at'],
  idempotency_key: ['created_at'],
  event: ['created_at'],
  delivery: ['created_at', 'next_attempt_at', 'completed_at'],
  attempt: ['started_at'],
  replay: ['created_at', 'completed_at'],
  webhook_endpoint: ['previous_secret_expires_at', 'failing_since', 'probe_at'],
  spent_proof: ['expires_at'],
}

const untilNow = Object.entries(ageing)
  .map(([table, columns]) => {
    const moved = columns.map((column) => `${column} = ${column} + (now() - timestamptz '2026-11-28 03:58:42Z')`)
    return `update public.${table} set ${moved.join(', ')};`
  })
  .join('\n')

/** What was to be sent tomorrow is due now. */
export function makeDue(database: OwnDatabase): Promise<void> {
  return runScript(
    database,
    `update public.delivery set next_attempt_at = now() where next_attempt_at is not null;
     update public.webhook_endpoint set probe_at = null;`,
  )
}
