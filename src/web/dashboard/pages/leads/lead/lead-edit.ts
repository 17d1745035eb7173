import type { UpdateContactInput } from '../../../../../generated/graphql/graphql.ts'
import type { LeadDetails } from './use-lead.ts'

type Metadata = Readonly<Record<string, unknown>>

/** Returns the JSON object in a text, or undefined if there is none. */
export function parseMetadata(text: string): Metadata | undefined {
  try {
    const value: unknown = JSON.parse(text.trim() === '' ? '{}' : text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Returns the input that changes only what the form has changed. */
export function editOf(lead: LeadDetails, form: FormData, metadata: Metadata): UpdateContactInput {
  const textOf = (name: string) => String(form.get(name) ?? '').trim()
  const changed = (name: 'firstName' | 'lastName' | 'source') =>
    textOf(name) === (lead[name] ?? '') ? {} : { [name]: textOf(name) === '' ? null : textOf(name) }
  const keys = metadataChange(isObject(lead.metadata) ? lead.metadata : {}, metadata)
  return {
    id: lead.id,
    expectedVersion: lead.version,
    ...(form.has('email') && textOf('email') !== lead.email && { email: textOf('email') }),
    fields: {
      ...changed('firstName'),
      ...changed('lastName'),
      ...changed('source'),
      ...(textOf('stage') !== lead.stage && { stage: textOf('stage') }),
      ...(Object.keys(keys).length > 0 && { metadata: keys }),
    },
  }
}

/** Returns the keys that differ; a key that is gone is null. */
function metadataChange(before: Metadata, after: Metadata): Metadata {
  const removed = Object.keys(before).filter((key) => !Object.hasOwn(after, key))
  const changed = Object.entries(after).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key]))
  return Object.fromEntries([...removed.map((key) => [key, null]), ...changed])
}

function isObject(value: unknown): value is Metadata {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
