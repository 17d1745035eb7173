import { readFileSync } from 'node:fs'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import { SchemaEngine } from '@prisma/schema-engine-wasm'
import pg from 'pg'
import { applySessionSettings, SessionClient } from '../src/database/session.ts'

const schemaPath = new URL('./schema.prisma', import.meta.url)

/**
 * Returns the SQL that takes the migrated database at the address to `schema.prisma`; empty when they agree.
 * Prisma's own engine, as WebAssembly: its command line would fetch a binary (docs/decisions/0003).
 */
export async function sqlFromDatabaseToSchema(migratedUrl: string): Promise<string> {
  const schema = readFileSync(schemaPath, 'utf8')
  const files = [{ path: 'schema.prisma', content: schema }]
  const pool = createPool(migratedUrl)
  const adapter = bindMigrationAwareSqlAdapterFactory(new CatalogueAdapter(pool))
  const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, adapter)
  try {
    const { stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: '' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: { externalTables: ['public._prisma_migrations'], externalEnums: [] },
    })
    return stdout?.includes('This is an empty migration') ? '' : (stdout ?? '')
  } finally {
    engine.free()
    await pool.end()
  }
}

const connectTimeoutMs = 5000
const { CHAR, TEXT } = pg.types.builtins
/** The columns of the type "char", by the rows of an answer. */
const characterColumns = new WeakMap<object, readonly number[]>()

/** The engine reads columns of the type "char" of the catalogue, which Prisma's adapter refuses: it gets them as text. */
function createPool(url: string): pg.Pool {
  const onConnect = (client: pg.ClientBase) => applySessionSettings(client, connectTimeoutMs)
  const pool = new pg.Pool({ connectionString: url, Client: SessionClient, onConnect })
  pool.query = new Proxy(pool.query, {
    apply: async (query, target, parameters) => {
      const result: pg.QueryResult = await Reflect.apply(query, target, parameters)
      const found = result.fields.flatMap(({ dataTypeID }, index) => (dataTypeID === CHAR ? [index] : []))
      for (const field of result.fields) if (field.dataTypeID === CHAR) field.dataTypeID = TEXT
      characterColumns.set(result.rows, found)
      return result
    },
  })
  return pool
}

/** Says of these columns what the engine expects them to be. */
class CatalogueAdapter extends PrismaPg {
  override async connect() {
    const adapter = await super.connect()
    const { queryRaw } = adapter
    adapter.queryRaw = async (query) => {
      const result = await queryRaw.call(adapter, query)
      for (const index of characterColumns.get(result.rows) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character
      return result
    }
    return adapter
  }
}
