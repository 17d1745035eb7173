import { useEffect, useEffectEvent } from 'react'
import {
  DeliveriesDocument,
  type DeliveryFragment,
  type DeliveryStatus,
} from '../../../../../generated/graphql/graphql.ts'
import type { Problem } from '../../../connection/problem.ts'
import { useReading } from '../../../connection/reading.ts'
import { useLive, useMay } from '../../../connection/signed-in.tsx'
import { newerOf } from './newer-delivery.ts'
import { useLiveDeliveries } from './use-live-deliveries.ts'

export interface DeliveryPage {
  readonly endpointId: string
  readonly status: DeliveryStatus | undefined
  readonly after: string | undefined
  /** Called when so many arrived that the list should begin anew, so that a page that stays open does not grow. */
  readonly onFull: () => void
}

interface Deliveries {
  readonly deliveries: readonly DeliveryFragment[] | undefined
  /** Position of the next page; undefined on the last one. */
  readonly cursor: string | undefined
  readonly problem: Problem | undefined
  reload(): void
}

const maxLive = 200

/** Reads a page of deliveries and keeps it current; the first page begins with those that were created since. */
export function useDeliveries({ endpointId, status, after, onFull }: DeliveryPage): Deliveries {
  const isFirst = after === undefined
  const variables = {
    filter: { endpointId, ...(status && { status: [status] }) },
    withEvents: useMay('EVENTS_READ'),
    ...(!isFirst && { after }),
  }
  const { data, problem, reload } = useReading(DeliveriesDocument, variables)
  const page = data?.deliveries
  const { live, clear } = useLiveDeliveries(
    ({ id, endpoint }) =>
      endpoint?.id === endpointId && (isFirst || page?.nodes.some((node) => node.id === id) === true),
  )
  useLive('deliveryGaps', () => {
    clear()
    reload()
  })
  useOnFull(live.size > maxLive, onFull)
  const cursor = page?.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? undefined) : undefined
  return { deliveries: page && merge({ read: page.nodes, live, status, isFirst }), cursor, problem, reload }
}

function useOnFull(isFull: boolean, onFull: () => void): void {
  const begin = useEffectEvent(onFull)
  useEffect(() => {
    if (isFull) begin()
  }, [isFull])
}

interface MergeParts {
  readonly read: readonly DeliveryFragment[]
  readonly live: ReadonlyMap<string, DeliveryFragment>
  readonly status: DeliveryStatus | undefined
  readonly isFirst: boolean
}

function merge({ read, live, status, isFirst }: MergeParts): DeliveryFragment[] {
  const current = read.map((delivery) => newerOf(delivery, live.get(delivery.id) ?? delivery))
  if (!isFirst) return current
  const newest = read[0]?.id ?? ''
  const added = [...live.values()].filter(
    (delivery) => delivery.id > newest && (status === undefined || delivery.status === status),
  )
  return [...added.toSorted((one, other) => (one.id < other.id ? 1 : -1)), ...current]
}
