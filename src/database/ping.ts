import { type Database, statement } from './database.ts'

/** Resolves when the database answers, whenever that is. */
export async function ping(database: Database): Promise<void> {
  await database.query(selectOne)
}

const selectOne = statement('select_one', 'select 1')
