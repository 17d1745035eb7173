import { useState } from 'react'
import {
  DeliveriesDocument,
  type DeliveryFragment,
  type DeliveryStatus,
} from '../../../../../generated/graphql/graphql.ts'
import type { Problem } from '../../../connection/problem.ts'
import { useReading } from '../../../connection/reading.ts'
import { useLive, useMay } from '../../../connection/signed-in.tsx'
import { newerOf } from './newer-delivery.ts'

interface DeliveryPage {
  readonly endpointId: string
  readonly status: DeliveryStatus | undefined
  readonly after: string | undefined
}

interface Deliveries {
  readonly deliveries: readonly DeliveryFragment[] | undefined
  /** Position of the next page; undefined on the last one. */
  readonly cursor: string | undefined
  readonly problem: Problem | undefined
  reload(): void
}

const none: ReadonlyMap<string, DeliveryFragment> = new Map()

/** Reads a page of deliveries and keeps it current; the first page begins with those that were created since. */
export function useDeliveries({ endpointId, status, after }: DeliveryPage): Deliveries {
  const [live, setLive] = useState(none)
  const filter = { endpointId, ...(status && { status: [status] }) }
  const withEvents = useMay('EVENTS_READ')
  const { data, problem, reload } = useReading(DeliveriesDocument, {
    filter,
    withEvents,
    ...(after !== undefined && { after }),
  })
  useLive('deliveries', (delivery) => {
    if (delivery.endpoint?.id !== endpointId) return
    setLive((known) => new Map(known).set(delivery.id, newerOf(known.get(delivery.id), delivery)))
  })
  useLive('deliveryGaps', () => {
    setLive(none)
    reload()
  })
  const page = data?.deliveries
  const deliveries = page && merge({ read: page.nodes, live, status, isFirst: after === undefined })
  const cursor = page?.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? undefined) : undefined
  return { deliveries, cursor, problem, reload }
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
