import { type Queryable, statement, type Tx } from '../database/database.ts'

/** An Idempotency-Key with the hash of the body that came with it. */
export interface IdempotencyClaim {
  readonly workspaceId: string
  readonly key: string
  readonly bodyHash: string
  readonly submissionId: string
}

/** What was answered to the first: enough to answer it again, whoever asks. */
export interface StoredAnswer {
  readonly bodyHash: string
  readonly submissionId: string
  readonly answer: unknown
}

/**
 * Takes the keys that are free, or older than a day, for this transaction; waits for one that another transaction holds.
 * Answers the stored answers of the others, by key. A (workspace, key) comes once.
 */
export async function claimIdempotencyKeys(
  tx: Tx,
  claims: readonly IdempotencyClaim[],
): Promise<Map<string, StoredAnswer>> {
  if (claims.length === 0) return new Map()
  const taken = await tx.query<{ workspace_id: string; key: string }>(insertKeys, [
    claims.map((claim) => claim.workspaceId),
    claims.map((claim) => claim.key),
    claims.map((claim) => claim.bodyHash),
    claims.map((claim) => claim.submissionId),
  ])
  const free = new Set(taken.map((row) => claimName(row.workspace_id, row.key)))
  const known = claims.filter((claim) => !free.has(claimName(claim.workspaceId, claim.key)))
  return known.length === 0 ? new Map() : findAnswers(tx, known)
}

async function findAnswers(
  database: Queryable,
  claims: readonly Pick<IdempotencyClaim, 'workspaceId' | 'key'>[],
): Promise<Map<string, StoredAnswer>> {
  const rows = await database.query<AnswerRow>(selectAnswers, [
    claims.map((claim) => claim.workspaceId),
    claims.map((claim) => claim.key),
  ])
  return new Map(
    rows.map((row) => [
      claimName(row.workspace_id, row.key),
      { bodyHash: row.body_hash, submissionId: row.submission_id, answer: row.answer },
    ]),
  )
}

/** Stores what the claims of this transaction are answered. */
export async function saveAnswers(
  tx: Tx,
  answers: readonly { readonly workspaceId: string; readonly key: string; readonly answer: unknown }[],
): Promise<void> {
  if (answers.length === 0) return
  await tx.query(updateAnswers, [
    answers.map((answer) => answer.workspaceId),
    answers.map((answer) => answer.key),
    answers.map((answer) => JSON.stringify(answer.answer)),
  ])
}

/** Keys are per workspace. */
export function claimName(workspaceId: string, key: string): string {
  return `${workspaceId} ${key}`
}

interface AnswerRow {
  workspace_id: string
  key: string
  body_hash: string
  submission_id: string
  answer: unknown
}

// Index: idempotency_key_pkey; in its order, so that two batches cannot deadlock.
const insertKeys = statement(
  'claim_idempotency_keys',
  `insert into idempotency_key as stored (workspace_id, key, body_hash, submission_id, answer)
   select workspace_id, key, body_hash, submission_id, 'null'::jsonb
   from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as claim (workspace_id, key, body_hash, submission_id)
   order by workspace_id, key
   on conflict (workspace_id, key) do update
   set body_hash = excluded.body_hash,
       submission_id = excluded.submission_id,
       answer = excluded.answer,
       created_at = now()
   where stored.created_at < now() - interval '24 hours'
   returning workspace_id, key`,
)

// Index: idempotency_key_pkey.
const selectAnswers = statement(
  'select_idempotent_answers',
  `select stored.workspace_id, stored.key, stored.body_hash, stored.submission_id, stored.answer
   from unnest($1::text[], $2::text[]) as claim (workspace_id, key)
   join idempotency_key stored
     on stored.workspace_id = claim.workspace_id
    and stored.key = claim.key`,
)

// Index: idempotency_key_pkey.
const updateAnswers = statement(
  'save_idempotent_answers',
  `update idempotency_key stored
   set answer = given.answer::jsonb
   from unnest($1::text[], $2::text[], $3::text[]) as given (workspace_id, key, answer)
   where stored.workspace_id = given.workspace_id
     and stored.key = given.key`,
)
