import type { DeliveryStatus } from '../../../../../generated/graphql/graphql.ts'
import { Badge } from '../../../parts/surface/badge.tsx'

const tones = {
  CANCELED: 'neutral',
  FAILED: 'bad',
  HELD: 'warn',
  PENDING: 'accent',
  RETRYING: 'warn',
  SUCCEEDED: 'good',
} as const

/** State of a delivery as a badge. */
export function DeliveryState({ status }: { readonly status: DeliveryStatus }) {
  return <Badge tone={tones[status]}>{status.toLowerCase()}</Badge>
}
