import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonObject, JsonValue } from '../../../src/sources/payload.ts'
import { type LeadInput, type LeadReading, readLead } from '../../../src/sources/read/read-lead.ts'

const folder = join(import.meta.dirname, '../../fixtures/sources')

/** Payload as a tool sends it; `email` is null where it has no person. */
export interface Fixture {
  readonly name: string
  readonly email: string | null
  readonly body: JsonObject
}

export async function readFixtures(): Promise<Fixture[]> {
  const files = await readdir(folder)
  return Promise.all(files.filter((file) => file.endsWith('.meta.json')).map((file) => readFixture(file, files)))
}

async function readFixture(metaFile: string, files: readonly string[]): Promise<Fixture> {
  const name = metaFile.slice(0, -'.meta.json'.length)
  const meta = JSON.parse(await readFile(join(folder, metaFile), 'utf8')) as {
    content_type: string
    email: string | null
  }
  const file = files.find((other) => other === `${name}.json` || other === `${name}.txt`)!
  const text = await readFile(join(folder, file), 'utf8')
  return { name, email: meta.email, body: decode(text, meta.content_type) }
}

/** Reads a lead with the defaults of a GENERIC source. */
export function readGeneric(body: JsonObject, more: Partial<LeadInput> = {}): LeadReading {
  return readLead({
    payload: { body, headers: {} },
    kind: undefined,
    kinds: [],
    mapping: [],
    query: new URLSearchParams(),
    sourceName: 'Pricing page',
    defaultCountry: undefined,
    ...more,
  })
}

/** Decodes well-formed bodies only: what the decoder does with others is tested with it. */
function decode(text: string, contentType: string): JsonObject {
  if (contentType.includes('urlencoded')) return openJson(nest([...new URLSearchParams(text)]), 'data.json')
  if (contentType.includes('multipart')) return openJson(nest(partsOf(text)), 'rawRequest')
  const body = JSON.parse(text) as JsonObject | [JsonObject]
  return Array.isArray(body) ? body[0] : (body as JsonObject)
}

function partsOf(text: string): [string, string][] {
  const parts = text.matchAll(/name="([^"]*)"\r?\n\r?\n([\s\S]*?)\r?\n--/g)
  return [...parts].map(([, name, value]) => [name!, value!])
}

function openJson(body: JsonObject, key: string): JsonObject {
  const text = body[key]
  return typeof text === 'string' ? { ...body, [key]: JSON.parse(text) as JsonValue } : body
}

/** Nests `data[merges][EMAIL]`, and makes a list of `tags[]` and of repeated names. */
function nest(pairs: readonly [string, string][]): JsonObject {
  const body: Record<string, JsonValue> = {}
  for (const [name, value] of pairs) {
    const keys = name
      .replace(/\[\]$/, '')
      .split(/\[|\]\[|\]/)
      .filter((key) => key !== '')
    let at = body
    for (const key of keys.slice(0, -1)) {
      at[key] ??= {}
      at = at[key] as Record<string, JsonValue>
    }
    const last = keys.at(-1)!
    const present = at[last] ?? (name.endsWith('[]') ? [] : undefined)
    at[last] = present === undefined ? value : [present, value].flat()
  }
  return body
}
