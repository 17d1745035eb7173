import { readdirSync, readFileSync } from 'node:fs'
import { decodeBody } from '../../src/sources/decode/decode.ts'
import { type PathPart, pathOf } from '../../src/sources/kinds/answers.ts'
import type { JsonValue, Payload } from '../../src/sources/payload.ts'

const folder = new URL('../fixtures/sources/', import.meta.url)
const files = readdirSync(folder)

/** Names of the payloads that are kept as tools send them. */
export const handedNames = files.filter((file) => file.endsWith('.meta.json')).map((file) => file.slice(0, -10))

/** Returns the body of a handed payload as it was sent. */
export function handedBytes(name: string): Buffer {
  return readFileSync(new URL(files.includes(`${name}.json`) ? `${name}.json` : `${name}.txt`, folder))
}

/** Decodes a handed payload as a source does, with the headers of its tool. */
export async function handedPayload(name: string): Promise<Payload> {
  const meta: { content_type: string; headers: Record<string, string> } = JSON.parse(
    readFileSync(new URL(`${name}.meta.json`, folder), 'utf8'),
  )
  const sent = Object.entries(meta.headers).map(([header, value]) => [header.toLowerCase(), value])
  return decoded(handedBytes(name), { 'content-type': meta.content_type, ...Object.fromEntries(sent) })
}

/** Decodes a body and returns its first lead. */
export async function decoded(body: Uint8Array | string, headers: Record<string, string>): Promise<Payload> {
  const result = await decodeBody(Buffer.from(body), headers)
  if (!result.ok) throw new Error(`The body cannot be decoded: ${result.reason}`)
  return result.payloads[0]
}

/** Returns every value of a payload by its path. */
export function valuesByPath(body: JsonValue): Map<string, JsonValue> {
  const values = new Map<string, JsonValue>()
  const visit = (value: JsonValue, parts: readonly PathPart[]) => {
    values.set(pathOf(...parts), value)
    if (typeof value !== 'object' || value === null) return
    const isList = Array.isArray(value)
    for (const [key, child] of Object.entries(value)) visit(child, [...parts, isList ? Number(key) : key])
  }
  visit(body, [])
  return values
}
