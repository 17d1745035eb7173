import type { Tx } from '../database/database.ts'

/** Changes to an endpoint's deliveries when the endpoint changes; the delivery queue makes them in the same transaction. */
export interface EndpointDeliveries {
  hold(tx: Tx, endpoint: EndpointKey): Promise<void>
  release(tx: Tx, endpoint: EndpointKey): Promise<void>
  cancel(tx: Tx, endpoint: EndpointKey): Promise<void>
}

export interface EndpointKey {
  readonly workspaceId: string
  readonly endpointId: string
}
