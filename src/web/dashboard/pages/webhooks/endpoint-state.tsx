import type { EndpointFragment } from '../../../../generated/graphql/graphql.ts'
import { Badge } from '../../parts/surface/badge.tsx'

/** State of a webhook as a badge. */
export function EndpointState({ endpoint: { status } }: { readonly endpoint: EndpointFragment }) {
  if (status === 'ENABLED') return <Badge tone="good">enabled</Badge>
  return status === 'DISABLED' ? <Badge tone="warn">paused</Badge> : <Badge tone="bad">disabled after failures</Badge>
}
