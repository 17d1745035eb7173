import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, findBreakingChanges, findDangerousChanges, getIntrospectionQuery, graphqlSync } from 'graphql'
import { describe, expect, it } from 'vitest'
import { schemaText } from '../../src/graphql/schema/schema-text.ts'

const repository = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(repository, path), 'utf8')
const contractText = read('test/contract/schema.graphql')
/** What sources add to it, with the results of their mutations. */
const contract = buildSchema(`${contractText}\n${read('test/contract/sources.graphql')}`)
const ours = buildSchema(schemaText())

describe('schema.graphql', () => {
  it('is current: npm run generate:schema', () => {
    expect(read('schema.graphql')).toBe(schemaText())
  })

  it('has everything of the contract, with the same types', () => {
    expect(findBreakingChanges(contract, ours)).toEqual([])
  })

  it('has the defaults of the contract', () => {
    const defaults = findDangerousChanges(contract, ours).filter(({ type }) => type === 'ARG_DEFAULT_VALUE_CHANGE')
    expect(defaults).toEqual([])
    expect(inputDefaults(ours)).toMatchObject(
      Object.fromEntries(Object.entries(inputDefaults(contract)).filter(([name]) => ours.getType(name.split('.')[0]!))),
    )
  })

  it('answers introspection, which tells of @oneOf', () => {
    const introspection = graphqlSync({ schema: ours, source: getIntrospectionQuery({ oneOf: true }) })
    expect(introspection.errors).toBeUndefined()
    for (const name of ['StringFilter', 'ContactKey']) expect(ours.getType(name)).toMatchObject({ isOneOf: true })
  })
})

describe('the copy of the contract', () => {
  const shared = join(repository, '../shared/contract/schema.graphql')

  it.skipIf(!existsSync(shared))('is the contract', () => {
    expect(contractText).toBe(readFileSync(shared, 'utf8'))
  })
})

/** Default values of input fields, which findBreakingChanges does not compare. */
function inputDefaults(schema: typeof ours): Record<string, unknown> {
  const defaults = Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!('getFields' in type) || !('isOneOf' in type)) return []
    return Object.values(type.getFields())
      .filter((field) => field.defaultValue !== undefined)
      .map((field) => [`${type.name}.${field.name}`, field.defaultValue] as const)
  })
  return Object.fromEntries(defaults)
}
