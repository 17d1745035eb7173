import { GraphQLError, Kind, type ValueNode } from 'graphql'
import { isoText } from '../../platform/text/iso-text.ts'
import { digitsOf } from '../../platform/text/long-numbers.ts'
import { builder } from './builder.ts'

/** RFC 3339, which knows both cases of T and Z, and any number of digits in a fraction. A leap second is not accepted. */
const rfc3339 = /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i

builder.scalarType('DateTime', {
  description: 'RFC 3339 in UTC with milliseconds.',
  serialize: isoText,
  parseValue: parseDateTime,
})

builder.scalarType('JSON', {
  description: "Any JSON value. Keys keep the caller's spelling.",
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => readJson(node, variables ?? {}),
})

builder.scalarType('URL', {
  description: 'Absolute http or https URL.',
  serialize: (value) => value,
  parseValue: parseUrl,
})

function parseDateTime(value: unknown): Date {
  const [text, day] = (typeof value === 'string' && rfc3339.exec(value)) || []
  const date = text === undefined ? undefined : new Date(text.toUpperCase())
  if (date === undefined || !isDay(day) || !isStorable(date))
    throw new GraphQLError('DateTime must be an RFC 3339 timestamp.')
  return date
}

/** Reads a literal like `valueFromASTUntyped` of graphql-js, but integers beyond 2^53 keep their digits. */
function readJson(node: ValueNode, variables: Readonly<Record<string, unknown>>): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null
    case Kind.INT:
    case Kind.FLOAT:
      return digitsOf(node.value) ?? Number(node.value)
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return node.value
    case Kind.LIST:
      return node.values.map((value) => readJson(value, variables))
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, readJson(value, variables)]))
    case Kind.VARIABLE:
      return variables[node.name.value]
    default:
      return node satisfies never
  }
}

/** Whether the day exists: `Date` reads February 30 as March 2. */
function isDay(day = ''): boolean {
  const date = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

/** Whether the year is valid: PostgreSQL has no year 0, RFC 3339 has none above 9999, and an offset can lead to both. */
function isStorable(date: Date): boolean {
  const year = date.getUTCFullYear()
  return year >= 1 && year <= 9999
}

/** Accepts any text: the mutation checks the URL and returns its error as data. */
function parseUrl(value: unknown): string {
  if (typeof value !== 'string') throw new GraphQLError('URL must be a string.')
  return value
}
