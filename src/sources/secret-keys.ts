import { isJsonObject, type JsonValue } from './payload.ts'

/**
 * Returns a value without the keys that hold a secret: at every level, since relays nest what a tool sent, and inside
 * texts that are JSON or a form, also when they are cut off or too deep to parse.
 */
export function withoutSecrets(value: JsonValue, keys: readonly string[]): JsonValue {
  if (keys.length === 0) return value
  if (typeof value === 'string') return keys.reduce(withoutValue, value)
  if (Array.isArray(value)) return value.map((item: JsonValue) => withoutSecrets(item, keys))
  if (!isJsonObject(value)) return value
  const kept = Object.entries(value).filter(([key]) => !keys.includes(key))
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutSecrets(child, keys)]))
}

/** Empties the value of a key: in JSON, in JSON that is itself a text of JSON, and in a form or a URL. */
function withoutValue(text: string, key: string): string {
  if (!text.includes(key)) return text
  const plain = new RegExp(String.raw`"${key}"\s*:\s*(?:"(?:[^"\\]|\\.)*(?:"|$)|[^"\s,}\]]+)`, 'gs')
  const nested = new RegExp(String.raw`\\"${key}\\"\s*:\s*(?:\\"(?:[^"\\]|\\[^"])*(?:\\"|$)|[^"\\\s,}\]]+)`, 'gs')
  const field = new RegExp(String.raw`(^|[?&])${key}=[^&\s"]*`, 'g')
  return text.replace(plain, `"${key}":""`).replace(nested, String.raw`\"${key}\":\"\"`).replace(field, `$1${key}=`)
}
