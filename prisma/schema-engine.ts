import { readFileSync } from 'node:fs'
import type { PGlite } from '@electric-sql/pglite'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import { SchemaEngine } from '@prisma/schema-engine-wasm'
import { PrismaPGlite } from 'pglite-prisma-adapter'

const schemaPath = new URL('./schema.prisma', import.meta.url)

/**
 * The SQL that takes a migrated database to `schema.prisma`; empty when they agree.
 * Prisma's own engine, as WebAssembly: its command line would fetch a binary (docs/decisions/0003).
 */
export async function sqlFromDatabaseToSchema(migrated: PGlite): Promise<string> {
  const schema = readFileSync(schemaPath, 'utf8')
  const files = [{ path: 'schema.prisma', content: schema }]
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPGlite(migrated))
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
