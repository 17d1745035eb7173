import { z } from 'zod'
import type { Delivery } from '../../generated/prisma/client.ts'

/** A delivery as REST shows it. */
export const deliveryShape = z
  .object({
    id: z.string(),
    endpoint_id: z.string(),
    event: z.object({ id: z.string(), type: z.string() }),
    status: z.enum(['pending', 'retrying', 'succeeded', 'failed', 'held', 'canceled']),
    attempt_count: z.int(),
    created_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'Delivery' })

const statusNames = {
  PENDING: 'pending',
  RETRYING: 'retrying',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  HELD: 'held',
  CANCELED: 'canceled',
} as const

export function deliveryJson(
  delivery: Delivery & { readonly event: { readonly id: string; readonly type: string } },
): z.output<typeof deliveryShape> {
  return {
    id: delivery.id,
    endpoint_id: delivery.endpointId,
    event: { id: delivery.event.id, type: delivery.event.type },
    status: statusNames[delivery.status],
    attempt_count: delivery.attemptCount,
    created_at: delivery.createdAt.toISOString(),
  }
}
