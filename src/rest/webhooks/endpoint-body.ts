import { z } from 'zod'
import { invalidRequest } from '../../platform/errors.ts'
import type { EndpointInput } from '../../webhooks/endpoint-input.ts'

/** Types alone are judged here, so that a body is understood; what the values may be is judged in webhooks/. */
const url = z
  .string({ error: ({ input }) => (input === undefined ? 'is required' : 'a string is expected') })
  .meta({ description: 'Where to deliver: http or https, no user info.', format: 'uri', maxLength: 2048 })
const events = z.array(z.string('a string is expected'), 'a list of event types is expected').meta({
  description: 'The types of events it wants, or `*` for all.',
  examples: [['contact.created', 'contact.updated']],
})
const description = z.string('a string is expected').nullable().meta({ maxLength: 500 })
const maxInFlight = z.number('a whole number is expected').meta({
  description: 'How many deliveries may be under way to it at once.',
  type: 'integer',
  minimum: 1,
  maximum: 100,
})
const secret = z.string('a string is expected').meta({
  description: 'Used as it is; left out, one is made: `whsec_` and base64 of 32 random bytes.',
  minLength: 16,
  maxLength: 256,
})

const object = 'an object is expected'

export const newEndpoint = z
  .object(
    {
      url,
      events: events.exactOptional().meta({ default: ['contact.created'] }),
      secret: secret.exactOptional(),
      description: description.exactOptional(),
      max_in_flight: maxInFlight.exactOptional().meta({ default: 10 }),
    },
    object,
  )
  .meta({ id: 'NewWebhookEndpoint' })

export const endpointChange = z
  .object(
    {
      url: url.exactOptional(),
      events: events.exactOptional(),
      description: description.exactOptional(),
      max_in_flight: maxInFlight.exactOptional(),
      status: z
        .enum(['enabled', 'disabled'], 'enabled or disabled is expected')
        .exactOptional()
        .meta({ description: 'Disabling holds what is open for it; enabling sends that.' }),
      enabled: z
        .boolean('true or false is expected')
        .exactOptional()
        .meta({ description: 'Another word for `status`.' }),
    },
    object,
  )
  .meta({ id: 'WebhookEndpointChange' })

export const rotation = z
  .object(
    {
      overlap_hours: z
        .number('a whole number from 0 to 168 is expected')
        .default(24)
        .meta({ description: 'How long both secrets hold.', type: 'integer', minimum: 0, maximum: 168 }),
    },
    object,
  )
  .meta({ id: 'SecretRotation' })

/** Names of fields as this surface spells them, for messages of webhooks/. */
export const fieldNames = { maxInFlight: 'max_in_flight' } as const

export function creationOf({ max_in_flight, ...input }: z.output<typeof newEndpoint>): EndpointInput {
  return { ...input, ...(max_in_flight !== undefined && { maxInFlight: max_in_flight }) }
}

/** @throws AppError `invalid_request` when `status` and `enabled` say different things */
export function changeOf(change: z.output<typeof endpointChange>): EndpointInput & { readonly enabled?: boolean } {
  const { max_in_flight, status, enabled, ...input } = change
  const wanted = new Set([
    ...(status === undefined ? [] : [status === 'enabled']),
    ...(enabled === undefined ? [] : [enabled]),
  ])
  if (wanted.size > 1) throw invalidRequest([{ path: 'enabled', message: 'must say the same as status' }])
  const [isEnabled] = wanted
  return {
    ...input,
    ...(max_in_flight !== undefined && { maxInFlight: max_in_flight }),
    ...(isEnabled !== undefined && { enabled: isEnabled }),
  }
}
