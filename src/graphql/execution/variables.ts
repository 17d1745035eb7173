import { type GraphQLError, type GraphQLSchema, getVariableValues, type OperationDefinitionNode } from 'graphql'
import { isStorableText } from '../../platform/text/storable-text.ts'
import { refusal } from './errors.ts'

const maxLevels = 32
const maxNames = 200
const maxValues = 10_000

type Variables = Readonly<Record<string, unknown>>

// Each error of a variable contains the whole value: thousands of them block the process for minutes.
export const validationOptions = { maxErrors: 5, hideSuggestions: true }

/** Returns the errors in the variables of an operation; a cheap size check runs before anything reads them in full. */
export function checkVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables,
): readonly GraphQLError[] {
  if (isTooLarge(variables))
    return [
      refusal(
        'BAD_USER_INPUT',
        `Variables may have at most ${maxValues} values, ${maxLevels} levels and ${maxNames} names per object.`,
      ),
    ]
  if (!isStorable(variables)) return [refusal('BAD_USER_INPUT', unstorable)]
  return getVariableValues(schema, variableDefinitions, { ...variables }, validationOptions).errors ?? []
}

/** Whether the variables exceed a limit; stops at the first excess. */
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

export const unstorable = 'Text must not contain U+0000 or lone surrogates.'

/** Returns whether every text in a value can be stored. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return isStorableText(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every(isStorable)
}
