import { isTouchParameter } from '../../contacts/attribution.ts'

/** Fields from the query of a capture's URL, by name: `source`, `utm_*` and click ids. */
export type QueryFields = ReadonlyMap<string, string>

const maxFields = 50
const maxLineLength = 200
const maxValueLength = 2048

/**
 * Reads the fields of a query. Everything else in it is ignored, also a key; a query never makes a request invalid, since
 * the person cannot see it. Of a repeated parameter the first value counts.
 * @param url the target of the request
 */
export function readQueryFields(url: string): QueryFields {
  const start = url.indexOf('?')
  const fields = new Map<string, string>()
  if (start < 0) return fields
  for (const [name, value] of new URLSearchParams(url.slice(start))) {
    if (fields.size === maxFields) break
    if (!fields.has(name) && isField(name, value)) fields.set(name, value)
  }
  return fields
}

function isField(name: string, value: string): boolean {
  if (value.trim() === '' || value.includes('\u0000')) return false
  if (name === 'source') return value.length <= maxLineLength
  return isTouchParameter(name) && value.length <= maxValueLength
}
