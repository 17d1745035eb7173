import { statement, type Tx } from '../../database/database.ts'
import type { PreparedCapture, SourceAnswer } from './prepared-capture.ts'

/** Capture of a source that claims the key of its request. */
interface RepeatClaim {
  readonly workspaceId: string
  readonly sourceId: string
  readonly key: string
  readonly seconds: number
  readonly submissionId: string
}

type AnsweredClaim = RepeatClaim & { readonly answer: SourceAnswer }

/** Returns the claim of a capture; undefined for one that came through no source. */
export function repeatClaimOf({ workspaceId, submissionId, inbound }: PreparedCapture): RepeatClaim | undefined {
  return inbound === null ? undefined : { workspaceId, sourceId: inbound.sourceId, ...inbound.repeat, submissionId }
}

/** Returns a name that captures with the same key share, and no idempotency key has. */
export function repeatName({
  workspaceId,
  sourceId,
  key,
}: Pick<RepeatClaim, 'workspaceId' | 'sourceId' | 'key'>): string {
  return `source ${workspaceId} ${sourceId} ${key}`
}

/**
 * Claims the keys that are free or expired for this transaction, and stores the answers with them; waits for keys that another transaction holds. Returns
 * the first answers of the others, by `repeatName`. Each name occurs once.
 */
export async function claimRepeats(tx: Tx, claims: readonly AnsweredClaim[]): Promise<Map<string, SourceAnswer>> {
  if (claims.length === 0) return new Map()
  const columns = [
    claims.map((claim) => claim.workspaceId),
    claims.map((claim) => claim.sourceId),
    claims.map((claim) => claim.key),
  ]
  const taken = await tx.query<NameRow>(insertClaims, [
    ...columns,
    claims.map((claim) => claim.submissionId),
    claims.map((claim) => claim.seconds),
    claims.map(({ answer }) => JSON.stringify(answer)),
  ])
  if (taken.length === claims.length) return new Map()
  const rows = await tx.query<AnswerRow>(selectAnswers, columns)
  const own = new Set(taken.map(nameOfRow))
  const repeated = rows.filter((row) => !own.has(nameOfRow(row)))
  // PostgreSQL sorts the keys of JSON: the answer is the same to the byte.
  return new Map(repeated.map((row) => [nameOfRow(row), { status: row.answer.status, id: row.answer.id }]))
}

/** Stores other answers of claims of this transaction. */
export async function saveRepeats(tx: Tx, answers: readonly AnsweredClaim[]): Promise<void> {
  if (answers.length === 0) return
  await tx.query(updateAnswers, [
    answers.map((answer) => answer.workspaceId),
    answers.map((answer) => answer.sourceId),
    answers.map((answer) => answer.key),
    answers.map(({ answer }) => JSON.stringify(answer)),
  ])
}

interface NameRow {
  workspace_id: string
  source_id: string
  key: string
}

interface AnswerRow extends NameRow {
  answer: SourceAnswer
}

function nameOfRow({ workspace_id: workspaceId, source_id: sourceId, key }: NameRow): string {
  return repeatName({ workspaceId, sourceId, key })
}

// Index: source_repeat_pkey. Sorted by it, so that two batches cannot deadlock.
const insertClaims = statement(
  'claim_source_repeats',
  `insert into source_repeat as stored (workspace_id, source_id, key, submission_id, answer, expires_at)
   select workspace_id, source_id, key, submission_id, answer::jsonb, now() + seconds * interval '1 second'
   from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[])
     as claim (workspace_id, source_id, key, submission_id, seconds, answer)
   order by workspace_id, source_id, key
   on conflict (workspace_id, source_id, key) do update
   set submission_id = excluded.submission_id,
       answer = excluded.answer,
       expires_at = excluded.expires_at
   where stored.expires_at < now()
   returning workspace_id, source_id, key`,
)

// Index: source_repeat_pkey.
const selectAnswers = statement(
  'select_source_repeats',
  `select stored.workspace_id, stored.source_id, stored.key, stored.answer
   from unnest($1::text[], $2::text[], $3::text[]) as claim (workspace_id, source_id, key)
   join source_repeat stored using (workspace_id, source_id, key)`,
)

// Index: source_repeat_pkey.
const updateAnswers = statement(
  'save_source_repeats',
  `update source_repeat stored
   set answer = given.answer::jsonb
   from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as given (workspace_id, source_id, key, answer)
   where stored.workspace_id = given.workspace_id
     and stored.source_id = given.source_id
     and stored.key = given.key`,
)
