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

/** Empties the value of a key: in JSON, in JSON that is itself a text of JSON, in a form or a URL, and in a part. */
function withoutValue(text: string, key: string): string {
  if (!text.includes(key)) return text
  const plain = new RegExp(String.raw`"${key}"\s*:\s*(?:"(?:[^"\\]|\\.)*(?:"|$)|[^"\s,}\]]+)`, 'gs')
  const nested = new RegExp(String.raw`\\"${key}\\"\s*:\s*(?:\\"(?:[^"\\]|\\[^"])*(?:\\"|$)|[^"\\\s,}\]]+)`, 'gs')
  const field = new RegExp(String.raw`(^|[?&])${key}=[^&\s"]*`, 'g')
  const part = new RegExp(String.raw`(name="?${key}"?[^\r\n]{0,60}\r\n(?:[^\r\n]{1,60}\r\n){0,2}\r\n)[^\r\n]*`, 'g')
  const json = text
    .replace(plain, `"${key}":""`)
    .replace(nested, String.raw`\"${key}\":\"\"`)
    .replace(field, `$1${key}=`)
  return json.includes('\r\n\r\n') ? json.replace(part, '$1') : json
}
