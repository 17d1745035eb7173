import { z } from 'zod'
import type { WebhookEndpoint } from '../../generated/prisma/client.ts'

/** An endpoint as REST shows it. */
export const endpointShape = z
  .object({
    id: z.string().meta({ examples: ['wh_01HQ0000000000000000000000'] }),
    url: z.string(),
    events: z.array(z.string()),
    description: z.string().nullable(),
    status: z.enum(['enabled', 'disabled', 'auto_disabled']),
    secret_hint: z.string().meta({ description: 'The last four characters of the secret.' }),
    max_in_flight: z.int().min(1).max(100),
    created_at: z.string().meta({ format: 'date-time' }),
    updated_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'WebhookEndpoint' })

const statusNames = { ENABLED: 'enabled', DISABLED: 'disabled', AUTO_DISABLED: 'auto_disabled' } as const

export function endpointJson(endpoint: WebhookEndpoint): z.input<typeof endpointShape> {
  return {
    id: endpoint.id,
    url: endpoint.url,
    events: endpoint.events,
    description: endpoint.description,
    status: statusNames[endpoint.status],
    secret_hint: endpoint.secretHint,
    max_in_flight: endpoint.maxInFlight,
    created_at: endpoint.createdAt.toISOString(),
    updated_at: endpoint.updatedAt.toISOString(),
  }
}
