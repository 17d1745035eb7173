import { z } from 'zod'
import type { SourceKind } from '../../generated/prisma/enums.ts'
import type { SourceChange, SourceInput } from '../../sources/source-input.ts'
import { kindNames, mappingRule } from './source-json.ts'

/** Types alone are checked here; what the values may be is checked in sources/. */
const name = z
  .string({ error: ({ input }) => (input === undefined ? 'is required' : 'a string is expected') })
  .meta({ description: 'Also the `source` of its leads, unless the mapping sets one.', maxLength: 200 })
const kind = z.enum(kindNames, `one of ${kindNames.join(', ')} is expected`).transform(toKind)
const secret = z.string('a string is expected').nullable().meta({ maxLength: 256 })
const header = z.string('a string is expected').nullable().meta({
  description:
    'For `generic`: the header that has the secret, or `sha256=` and the HMAC of the body. `X-Webhook-Secret` if there is a secret and this is null.',
  maxLength: 100,
})
const mapping = z.array(mappingRule, 'a list of rules is expected').meta({ maxItems: 30 })

const object = 'an object is expected'

export const newSource = z
  .object(
    {
      name,
      kind: kind.exactOptional().meta({ default: 'generic' }),
      secret: secret
        .exactOptional()
        .meta({ description: 'The secret that the tool signs with. Without one its requests are unverified.' }),
      header: header.exactOptional(),
      mapping: mapping.exactOptional().meta({ default: [] }),
    },
    object,
  )
  .meta({ id: 'NewSource' })

export const sourceChange = z
  .object(
    {
      name: name.exactOptional(),
      kind: kind.exactOptional(),
      secret: secret.exactOptional().meta({ description: 'Null takes it away: requests are accepted unverified.' }),
      overlap_hours: z.number('a whole number from 0 to 168 is expected').exactOptional().meta({
        description: 'How long a replaced secret stays valid.',
        type: 'integer',
        minimum: 0,
        maximum: 168,
        default: 24,
      }),
      header: header.exactOptional(),
      mapping: mapping.exactOptional(),
      enabled: z.boolean('true or false is expected').exactOptional(),
    },
    object,
  )
  .meta({ id: 'SourceChange' })

export const urlRotation = z
  .object(
    {
      overlap_hours: z.number('a whole number from 0 to 168 is expected').default(24).meta({
        description: 'How long the old URL stays valid. 0: it is unknown at once.',
        type: 'integer',
        minimum: 0,
        maximum: 168,
      }),
    },
    object,
  )
  .meta({ id: 'SourceUrlRotation' })

/** Names of fields as this API spells them, for messages of sources/. */
export const fieldNames = { overlapHours: 'overlap_hours' } as const

export function creationOf(source: z.output<typeof newSource>): SourceInput {
  return source
}

export function changeOf({ overlap_hours, ...change }: z.output<typeof sourceChange>): SourceChange {
  return { ...change, ...(overlap_hours !== undefined && { overlapHours: overlap_hours }) }
}

/** Parses one of `kindNames`. */
function toKind(kindName: string): SourceKind {
  return kindName.toUpperCase() as SourceKind
}
