import { type Queryable, statement, type Tx } from '../../database/database.ts'

/** Name of an Idempotency-Key: each caller class of a workspace has its own names. */
export interface KeyName {
  readonly workspaceId: string
  /** `CallerClass.keySpace`. */
  readonly caller: string
  readonly key: string
}

/** Idempotency-Key with the hash of the body it was sent with. */
export interface IdempotencyClaim extends KeyName {
  readonly bodyHash: string
  readonly submissionId: string
}

/** Stored response to the first request with the key. */
export interface StoredResponse {
  readonly bodyHash: string
  readonly submissionId: string
  readonly answer: unknown
}

/**
 * Claims the keys that are free, or older than a day, for this transaction; waits for keys that another transaction
 * holds. Returns the stored responses of the others, by `claimName`. Each name occurs once.
 */
export async function claimIdempotencyKeys(
  tx: Tx,
  claims: readonly IdempotencyClaim[],
): Promise<Map<string, StoredResponse>> {
  if (claims.length === 0) return new Map()
  const taken = await tx.query<NameRow>(insertKeys, columnsOf(claims))
  const free = new Set(taken.map(nameOfRow))
  const known = claims.filter((claim) => !free.has(claimName(claim)))
  return known.length === 0 ? new Map() : findResponses(tx, known)
}

async function findResponses(database: Queryable, claims: readonly IdempotencyClaim[]) {
  const rows = await database.query<ResponseRow>(selectResponses, columnsOf(claims))
  return new Map<string, StoredResponse>(
    rows.map((row) => [
      nameOfRow(row),
      { bodyHash: row.body_hash, submissionId: row.submission_id, answer: row.answer },
    ]),
  )
}

/** Stores the responses for the claims of this transaction. */
export async function saveResponses(
  tx: Tx,
  answers: readonly (KeyName & { readonly answer: unknown })[],
): Promise<void> {
  if (answers.length === 0) return
  await tx.query(updateResponses, [
    answers.map((answer) => answer.workspaceId),
    answers.map((answer) => answer.caller),
    answers.map((answer) => answer.key),
    answers.map((answer) => JSON.stringify(answer.answer)),
  ])
}

export function claimName({ workspaceId, caller, key }: KeyName): string {
  return `${workspaceId} ${caller} ${key}`
}

function columnsOf(claims: readonly IdempotencyClaim[]): string[][] {
  return [
    claims.map((claim) => claim.workspaceId),
    claims.map((claim) => claim.caller),
    claims.map((claim) => claim.key),
    claims.map((claim) => claim.bodyHash),
    claims.map((claim) => claim.submissionId),
  ]
}

function nameOfRow({ workspace_id: workspaceId, caller, key }: NameRow): string {
  return claimName({ workspaceId, caller, key })
}

interface NameRow {
  workspace_id: string
  caller: string
  key: string
}

interface ResponseRow extends NameRow {
  body_hash: string
  submission_id: string
  answer: unknown
}

/**
 * Matches a row of version 0.1, which has no caller. It is valid only for the same body, since another body may come
 * from another caller. A response that showed a contact was for a key, so strangers do not get it. A response without a
 * contact was for a stranger, so keys do not get it. The one minute less keeps retention from deleting the row between
 * the two statements that read it.
 */
const ofOlderVersion = `old.workspace_id = claim.workspace_id
     and old.caller = '*'
     and old.key = claim.key
     and old.body_hash = claim.body_hash
     and old.created_at >= now() - interval '23 hours 59 minutes'
     and case
           when claim.caller = '' then old.answer -> 'showedContact' is distinct from 'true'::jsonb
           else old.answer ->> 'outcome' is not null
         end`

const claimed = `unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
     as claim (workspace_id, caller, key, body_hash, submission_id)`

// Index: idempotency_key_pkey. Sorted by it, so that two batches cannot deadlock.
const insertKeys = statement(
  'claim_idempotency_keys',
  `insert into idempotency_key as stored (workspace_id, caller, key, body_hash, submission_id, answer)
   select workspace_id, caller, key, body_hash, submission_id, 'null'::jsonb
   from ${claimed}
   where not exists (
     select
     from idempotency_key old
     where ${ofOlderVersion}
   )
   order by workspace_id, caller, key
   on conflict (workspace_id, caller, key) do update
   set body_hash = excluded.body_hash,
       submission_id = excluded.submission_id,
       answer = excluded.answer,
       created_at = now()
   where stored.created_at < now() - interval '24 hours'
   returning workspace_id, caller, key`,
)

// Index: idempotency_key_pkey.
const selectResponses = statement(
  'select_idempotent_answers',
  `select claim.workspace_id, claim.caller, claim.key, stored.body_hash, stored.submission_id, stored.answer
   from ${claimed}
   cross join lateral (
     select own.body_hash, own.submission_id, own.answer
     from idempotency_key own
     where own.workspace_id = claim.workspace_id
       and own.caller = claim.caller
       and own.key = claim.key
     union all
     select old.body_hash, old.submission_id, old.answer
     from idempotency_key old
     where ${ofOlderVersion}
     limit 1
   ) stored`,
)

// Index: idempotency_key_pkey.
const updateResponses = statement(
  'save_idempotent_answers',
  `update idempotency_key stored
   set answer = given.answer::jsonb
   from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as given (workspace_id, caller, key, answer)
   where stored.workspace_id = given.workspace_id
     and stored.caller = given.caller
     and stored.key = given.key`,
)
