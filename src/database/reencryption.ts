import type { SecretBox } from '../platform/crypto/secret-box.ts'
import { type Database, statement } from './database.ts'

/** Table with encrypted columns, whose rows have the key `workspace_id, id`. */
export interface SealedTable {
  readonly name: string
  /** Columns with a ciphertext or null, and the use that each is sealed for. */
  readonly columns: readonly { readonly name: string; readonly use?: string }[]
}

export interface Reencryption {
  /** Rows that are encrypted with the first key now. */
  readonly written: number
  /** Ids of the rows that no key can decrypt; they are unchanged. */
  readonly unopened: readonly string[]
}

/** Rows per transaction. */
const batchRows = 100

/**
 * Encrypts every ciphertext of a table again with the first key of the ring, batch by batch. Afterwards the other keys
 * can be removed from the ring. It can run while the service runs.
 */
export async function reencryptTable(
  database: Database,
  secretBox: SecretBox,
  table: SealedTable,
): Promise<Reencryption> {
  let written = 0
  const unopened: string[] = []
  for (let after: SealedRow | undefined; ; ) {
    const batch = await reencryptBatch(database, secretBox, table, after)
    written += batch.resealed.length
    unopened.push(...batch.unopened)
    after = batch.last
    if (after === undefined) return { written, unopened }
  }
}

type SealedRow = Readonly<Record<string, string | null>> & { readonly workspace_id: string; readonly id: string }

/** Encrypts one batch. The rows stay locked until the commit, so that a concurrent rotation is not undone. */
async function reencryptBatch(
  database: Database,
  secretBox: SecretBox,
  table: SealedTable,
  after: SealedRow | undefined,
): Promise<{ resealed: SealedRow[]; unopened: string[]; last: SealedRow | undefined }> {
  return database.inTransaction(async (tx) => {
    const place = [after?.workspace_id ?? '', after?.id ?? '']
    const rows = await tx.query<SealedRow>(lockRows(table), [...place, batchRows])
    const unopened: string[] = []
    const resealed = rows.flatMap((row) => {
      const again = reseal(secretBox, table, row)
      if (again === undefined) unopened.push(row.id)
      return again ?? []
    })
    const columns = ['workspace_id', 'id', ...namesOf(table)]
    await tx.query(
      updateRows(table),
      columns.map((name) => resealed.map((row) => row[name] ?? null)),
    )
    return { resealed, unopened, last: rows.at(-1) }
  })
}

function reseal(secretBox: SecretBox, { columns }: SealedTable, row: SealedRow): SealedRow | undefined {
  const { workspace_id: workspaceId, id } = row
  try {
    const sealed = columns.map(({ name, use }) => {
      const ciphertext = row[name] ?? null
      const owner = { workspaceId, id, ...(use !== undefined && { use }) }
      return [name, ciphertext && secretBox.reseal(ciphertext, owner)] as const
    })
    return { ...row, ...Object.fromEntries(sealed) }
  } catch {
    return undefined // The caller reports its id.
  }
}

function namesOf({ columns }: SealedTable): string[] {
  return columns.map(({ name }) => name)
}

// Index: the primary key of the table.
function lockRows(table: SealedTable) {
  return statement(
    `lock_sealed_rows_of_${table.name}`,
    `select workspace_id, id, ${namesOf(table).join(', ')}
     from ${table.name}
     where (workspace_id, id) > ($1, $2)
     order by workspace_id, id
     limit $3
     for update`,
  )
}

// Index: the primary key of the table.
function updateRows(table: SealedTable) {
  const names = namesOf(table)
  const arrays = ['workspace_id', 'id', ...names].map((_, index) => `$${index + 1}::text[]`)
  return statement(
    `update_sealed_rows_of_${table.name}`,
    `update ${table.name} row
     set ${names.map((name) => `${name} = given.${name}`).join(', ')}
     from unnest(${arrays.join(', ')}) as given (workspace_id, id, ${names.join(', ')})
     where row.workspace_id = given.workspace_id
       and row.id = given.id`,
  )
}
