import { lexicographicSortSchema, printSchema } from 'graphql'
import { buildSchema } from './schema.ts'

/** Returns the SDL that is committed in schema.graphql and served at /schema.graphql. */
export function schemaText(): string {
  return `${printSchema(lexicographicSortSchema(buildSchema()))}\n`
}
