import { bearerOf, oneKeyOf } from '../../workspaces/sent-key.ts'

/**
 * Returns the key in the payload of `connection_init`: `apiKey`, `x-api-key` or `Authorization: Bearer …`, there or
 * under `headers`, because clients send what they send over HTTP. The case of names does not matter.
 * @throws AppError `unauthenticated` when there are two different keys
 */
export function keyOfParameters(parameters: Readonly<Record<string, unknown>> = {}): string | undefined {
  const entries = lowerCased(parameters)
  const nested = entries.flatMap(([name, value]) => (name === 'headers' && isRecord(value) ? lowerCased(value) : []))
  return oneKeyOf([...entries, ...nested].map(keyOfEntry))
}

/** Returns a wrong key for a value that is no text; clients without a key send null. */
function keyOfEntry([name, value]: readonly [name: string, value: unknown]): string | undefined {
  if (value === null || value === undefined) return undefined
  if (name === 'apikey' || name === 'x-api-key') return typeof value === 'string' ? value : ''
  if (name !== 'authorization') return undefined
  return typeof value === 'string' ? bearerOf(value) : ''
}

function lowerCased(record: Readonly<Record<string, unknown>>): [name: string, value: unknown][] {
  return Object.entries(record).map(([name, value]) => [name.toLowerCase(), value])
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
