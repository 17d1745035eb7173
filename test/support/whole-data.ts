import pg from 'pg'
import { plainSession } from './many-rows.ts'

/** Every row of every table of a database as text, sorted; the history of migrations with names alone. */
export async function wholeData(url: string): Promise<Record<string, string[]>> {
  return withPlainClient(url, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `select relname::text as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
    )
    const all: Record<string, string[]> = {}
    for (const { name } of tables) {
      const text = name === '_prisma_migrations' ? 'migration_name' : 'each_row::text'
      const { rows } = await client.query<{ text: string }>(`select ${text} as text from "${name}" each_row order by 1`)
      all[name] = rows.map(({ text }) => text)
    }
    return all
  })
}

/** Runs work on a connection that the hostile settings of the test databases do not reach. */
export async function withPlainClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>) {
  const client = new pg.Client({ connectionString: url, options: `${plainSession} -c datestyle=ISO` })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
