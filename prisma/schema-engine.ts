import { readFileSync } from 'node:fs'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import { SchemaEngine } from '@prisma/schema-engine-wasm'

const schemaPath = new URL('./schema.prisma', import.meta.url)

/**
 * Returns the SQL that takes the migrated database at the address to `schema.prisma`; empty when they agree.
 * Prisma's own engine, as WebAssembly: its command line would fetch a binary (docs/decisions/0003).
 */
export async function sqlFromDatabaseToSchema(migratedUrl: string): Promise<string> {
  const schema = readFileSync(schemaPath, 'utf8')
  const files = [{ path: 'schema.prisma', content: schema }]
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: migratedUrl }))
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
  }
}
