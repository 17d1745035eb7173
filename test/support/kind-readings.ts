import type { Kind, KindReading } from '../../src/sources/kinds/kind.ts'
import type { JsonValue, Payload } from '../../src/sources/payload.ts'
import { handedNames, handedPayload } from './handed-payloads.ts'

const payloads = new Map<string, Payload>()
for (const name of handedNames) payloads.set(name, await handedPayload(name))

/** Returns a handed payload, decoded as a source does. */
export function payloadOf(name: string): Payload {
  const payload = payloads.get(name)
  if (payload === undefined) throw new Error(`There is no payload ${name}.`)
  return payload
}

/** Returns the answers of a lead by the field that the kind assigns, else by label. */
export function told(reading: KindReading): Record<string, JsonValue> {
  return Object.fromEntries(
    answersOf(reading).map(({ field, label, value }) => [
      field === undefined || field === 'metadata' ? label : field,
      value,
    ]),
  )
}

export function answersOf(reading: KindReading) {
  return reading.outcome === 'ignored' ? [] : reading.answers
}

export function kindNamed(kinds: readonly Kind[], name: string): Kind {
  const kind = kinds.find((candidate) => candidate.name === name)
  if (kind === undefined) throw new Error(`There is no kind ${name}.`)
  return kind
}
