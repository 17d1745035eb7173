import { type GraphQLError, type GraphQLSchema, getVariableValues, type OperationDefinitionNode } from 'graphql'
import { isStorableText } from '../../platform/text/storable-text.ts'
import { refusal } from './errors.ts'

const maxLevels = 32
const maxNames = 200
const maxValues = 10_000

type Variables = Readonly<Record<string, unknown>>

// Each error of a variable spells the whole value out: thousands of them hold the process up for minutes.
export const inShort = { maxErrors: 5, hideSuggestions: true }

/** What is wrong with the variables of an operation, before anything goes through them in full. */
export function errorsOfVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables,
): readonly GraphQLError[] {
  if (isTooLarge(variables))
    return [
      refusal(
        'BAD_USER_INPUT',
        `Variables have at most ${maxValues} values, ${maxLevels} levels and ${maxNames} names an object.`,
      ),
    ]
  if (!isStorable(variables)) return [refusal('BAD_USER_INPUT', unstorable)]
  return getVariableValues(schema, variableDefinitions, { ...variables }, inShort).errors ?? []
}

/** Looks no further than it must. */
function isTooLarge(variables: Variables): boolean {
  let values = 0
  const isWithin = (value: unknown, levels: number): boolean => {
    if (++values > maxValues) return false
    if (typeof value !== 'object' || value === null) return true
    const children = Object.values(value)
    if (levels === 0 || (children.length > maxNames && !Array.isArray(value))) return false
    return children.every((child) => isWithin(child, levels - 1))
  }
  return !isWithin(variables, maxLevels)
}

export const unstorable = 'Text must be without U+0000 and without lone surrogates.'

/** Returns whether every text in a value can be stored. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return isStorableText(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every(isStorable)
}
