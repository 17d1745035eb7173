import { type Database, isUniqueViolation, type Statement, statement, type Tx } from '../database/database.ts'
import { type MergePolicy, Scope } from '../generated/prisma/enums.ts'
import { newId } from '../platform/ids.ts'
import { createLookupCache } from '../platform/lookup-cache.ts'
import { insertApiKey } from './api-key.ts'
import { recordAudit } from './audit.ts'
import { generateKey } from './key.ts'
import { auditByOperator, type Operator, operatorActor } from './operator.ts'

/** Settings of a workspace that requests need. */
export interface Workspace {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly allowedOrigins: readonly string[]
  readonly redirectOrigins: readonly string[]
  readonly mergePolicy: MergePolicy
  readonly stages: readonly string[]
  /** Whether captures without a key are held unless they include a proof of work. */
  readonly proofOfWork: boolean
  /** Whether responses to anonymous callers have the id and time of their submission instead of the contact. */
  readonly privateReceipts: boolean
  /** ISO 3166 code of the country of phone numbers without `+`. */
  readonly defaultCountry: string | undefined
  /** Whether it rejects all requests. */
  readonly isDisabled: boolean
}

/** Stage of a new contact; each workspace chooses the others. */
export const firstStage = 'lead'
const defaultStages = [firstStage, 'qualified', 'opportunity', 'customer', 'lost']

export interface Workspaces {
  /** Cached for two seconds; undefined when there is none. */
  bySlug(slug: string): Promise<Workspace | undefined>
  byId(id: string): Promise<Workspace | undefined>
  /** Clears the cache; lookups that are in progress are repeated. */
  forget(): void
}

const cachedMs = 2000
const maxCached = 10_000

export function createWorkspaces(database: Database): Workspaces {
  const lookUpsBy = (select: Statement) =>
    createLookupCache(
      async (value) => {
        const [row] = await database.query<WorkspaceRow>(select, [value])
        return { found: row && workspaceOf(row) }
      },
      { max: maxCached, ttlMs: cachedMs },
    )
  const slugs = lookUpsBy(selectBySlug)
  const ids = lookUpsBy(selectById)
  return {
    bySlug: async (slug) => (await slugs.find(slug)).found,
    byId: async (id) => (await ids.find(id)).found,
    forget: () => {
      slugs.forget()
      ids.forget()
    },
  }
}

export const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

export type CreatedWorkspace = { readonly kind: 'created'; readonly workspaceId: string; readonly token: string }

/**
 * Creates a workspace with its first ADMIN key, whose token cannot be read later. A workspace that the operator creates
 * is audited in the operator's workspace too; its own audit log does not show the operator's id.
 */
export async function createWorkspace(
  database: Database,
  request: { readonly slug: string; readonly name: string; readonly token?: string } & (
    | { readonly actor: string }
    | { readonly operator: Operator }
  ),
): Promise<CreatedWorkspace | { readonly kind: 'taken' }> {
  const { slug, name, token = generateKey() } = request
  const actor = 'operator' in request ? operatorActor : request.actor
  try {
    return await database.inTransaction(async (tx) => {
      const workspaceId = newId('workspace')
      await tx.query(insertWorkspace, [workspaceId, slug, name, defaultStages])
      await insertApiKey(tx, { workspaceId, name: 'First key', scopes: [Scope.ADMIN], token, actor })
      const act = { action: 'workspace.created', workspaceId, slug }
      if ('operator' in request) await auditByOperator(tx, request.operator, act)
      await recordAudit(tx, { workspaceId, actor, action: act.action, targetId: workspaceId })
      return { kind: 'created' as const, workspaceId, token }
    })
  } catch (error) {
    if (isUniqueViolation(error)) return { kind: 'taken' }
    throw error
  }
}

export async function findWorkspaceId(database: Database | Tx, slug: string): Promise<string | undefined> {
  const [row] = await database.query<WorkspaceRow>(selectBySlug, [slug])
  return row?.id
}

interface WorkspaceRow {
  id: string
  slug: string
  name: string
  allowed_origins: string[]
  redirect_origins: string[]
  merge_policy: MergePolicy
  stages: string[]
  proof_of_work: boolean
  private_receipts: boolean
  default_country: string | null
  disabled_at: Date | null
}

function workspaceOf(row: WorkspaceRow): Workspace {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    allowedOrigins: row.allowed_origins,
    redirectOrigins: row.redirect_origins,
    mergePolicy: row.merge_policy,
    stages: row.stages,
    proofOfWork: row.proof_of_work,
    privateReceipts: row.private_receipts,
    defaultCountry: row.default_country ?? undefined,
    isDisabled: row.disabled_at !== null,
  }
}

const columns = `id, slug, name, allowed_origins, redirect_origins, merge_policy, stages, proof_of_work, private_receipts,
  default_country, disabled_at`

// Index: workspace_slug_key.
const selectBySlug = statement(
  'select_workspace_by_slug',
  `select ${columns} from workspace where slug = $1 and deleted_at is null`,
)
// Index: workspace_pkey.
const selectById = statement(
  'select_workspace_by_id',
  `select ${columns} from workspace where id = $1 and deleted_at is null`,
)

const insertWorkspace = statement(
  'insert_workspace',
  `insert into workspace (id, slug, name, stages, allowed_origins, redirect_origins)
   values ($1, $2, $3, $4, '{}', '{}')`,
)
