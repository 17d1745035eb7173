/** JSON value of a decoded payload. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject

export interface JsonObject {
  readonly [key: string]: JsonValue
}

/** Lower-case names of HTTP headers and their values. */
export type Headers = Readonly<Record<string, string>>

/** One lead as a tool sent it, whatever its content type was. */
export interface Payload {
  readonly body: JsonObject
  readonly headers: Headers
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const knownEntries = new WeakMap<JsonObject, readonly (readonly [string, JsonValue])[]>()

/**
 * Returns the entries of the body of a payload, which nobody changes. They are listed once: each kind looks at them, and
 * to list those of an object with very many keys means to sort them.
 */
export function entriesOf(body: JsonObject): readonly (readonly [string, JsonValue])[] {
  const entries = knownEntries.get(body) ?? Object.entries(body)
  knownEntries.set(body, entries)
  return entries
}
