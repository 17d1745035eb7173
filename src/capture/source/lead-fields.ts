import { maxMetadataKeys } from '../../contacts/field-checks.ts'
import type { ContactFields } from '../../contacts/merge.ts'
import { forbiddenKeys } from '../../contacts/metadata-keys.ts'
import { toVisibleLine } from '../../platform/text/visible-text.ts'
import { toStorable } from '../../sources/decode/mappable.ts'
import type { LeadReading } from './inbound-source.ts'

const maxLineLength = 200

/** Returns the fields of a contact. Nothing of a lead is refused: a long line is cut, a key too many left out. */
export function toContactFields({ firstName, lastName, source, metadata }: LeadReading['fields']): ContactFields {
  const lines = Object.entries({ firstName, lastName, source }).flatMap(([name, value]) => {
    const line = value === undefined ? '' : toLine(value)
    return line === '' ? [] : [[name, line] as const]
  })
  const entries = Object.entries(metadata).filter(([key]) => !forbiddenKeys.has(key))
  const kept = entries.slice(0, maxMetadataKeys).map(([key, value]) => [key, storable(value)] as const)
  return { ...Object.fromEntries(lines), metadata: Object.fromEntries(kept) }
}

function toLine(text: string): string {
  const line = toVisibleLine(toStorable(text))
  return line.length > maxLineLength ? [...line].slice(0, maxLineLength).join('') : line
}

function storable<Value>(value: Value): Value | string {
  return typeof value === 'string' ? toStorable(value) : value
}

/** Returns the fields as `POST /capture` takes them: what a submission keeps, and a release reads. */
export function toPosted(email: string | undefined, fields: ContactFields): Record<string, unknown> {
  const { firstName, lastName, source, metadata } = fields
  return {
    ...(email !== undefined && { email }),
    ...(firstName !== undefined && { first_name: firstName }),
    ...(lastName !== undefined && { last_name: lastName }),
    ...(source !== undefined && { source }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  }
}
