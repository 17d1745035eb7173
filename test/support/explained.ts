import pg from 'pg'
import { vi } from 'vitest'

/** A statement as it was sent to PostgreSQL. */
interface Sent {
  readonly name?: string | undefined
  readonly text: string
  readonly values?: readonly unknown[] | undefined
}

/** The statements that work sends by whichever connection of this process. */
export async function statementsOf(work: () => Promise<unknown>): Promise<Sent[]> {
  const query = vi.spyOn(pg.Client.prototype, 'query')
  try {
    await work()
    const sent = query.mock.calls.map(([first]: readonly unknown[]) =>
      typeof first === 'string' ? { text: first } : (first as Sent),
    )
    return sent.filter(({ text }) => /^\s*select/i.test(text) && !/pg_notify|set_config/.test(text))
  } finally {
    query.mockRestore()
  }
}

/**
 * How many buffers the statement reads. One with a name is planned twice: with its values, and for any values, as
 * PostgreSQL does after five executions; the greater number counts.
 */
export async function buffersOf(client: pg.Client, { name, text, values = [] }: Sent): Promise<number> {
  const custom = await explained(client, 'force_custom_plan', text, values)
  return name ? Math.max(custom, await explained(client, 'force_generic_plan', text, values)) : custom
}

async function explained(client: pg.Client, mode: string, text: string, values: readonly unknown[]): Promise<number> {
  await client.query(`set plan_cache_mode = ${mode}; deallocate all; prepare statement as ${text}`)
  const parameters = values.length === 0 ? '' : `(${values.map(toLiteral).join(', ')})`
  const { rows } = await client.query<Explained>(
    `explain (analyze, buffers, format json) execute statement ${parameters}`,
  )
  const { Plan: plan } = rows[0]!['QUERY PLAN'][0]!
  return plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
}

/** The plan of a prepared statement, as text. */
export async function planForAnyValues(client: pg.Client, text: string): Promise<string> {
  await client.query(`set plan_cache_mode = force_generic_plan; deallocate all; prepare statement as ${text}`)
  const count = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)))
  const parameters = count === 0 ? '' : `(${Array.from({ length: count }, () => 'null').join(', ')})`
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain execute statement ${parameters}`)
  return rows.map((row) => row['QUERY PLAN']).join('\n')
}

interface Explained {
  readonly 'QUERY PLAN': readonly { readonly Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } }[]
}

function toLiteral(value: unknown): string {
  if (Buffer.isBuffer(value)) return toLiteral(textsIn(value))
  if (value === null || value === undefined) return 'null'
  if (!Array.isArray(value)) return pg.escapeLiteral(toText(value))
  return pg.escapeLiteral(
    `{${value.map((item) => (item === null ? 'null' : `"${toText(item).replace(/["\\]/g, '\\$&')}"`)).join(',')}}`,
  )
}

/** Returns the texts of an array in PostgreSQL's binary form. */
function textsIn(array: Buffer): (string | null)[] {
  const texts: (string | null)[] = []
  for (let at = 20; at < array.length; ) {
    const length = array.readInt32BE(at)
    texts.push(length < 0 ? null : array.toString('utf8', at + 4, at + 4 + length))
    at += 4 + Math.max(length, 0)
  }
  return texts
}

function toText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}
