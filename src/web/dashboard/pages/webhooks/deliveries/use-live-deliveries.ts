import { useEffect, useRef, useState } from 'react'
import type { DeliveryFragment } from '../../../../../generated/graphql/graphql.ts'
import { useLive } from '../../../connection/signed-in.tsx'
import { newerOf } from './newer-delivery.ts'

const everyMs = 100

type ById = ReadonlyMap<string, DeliveryFragment>
const none: ById = new Map()

/** Collects the live states of the wanted deliveries; a busy webhook renders ten times a second, not at each of them. */
export function useLiveDeliveries(isWanted: (delivery: DeliveryFragment) => boolean): {
  readonly live: ById
  clear(): void
} {
  const [live, setLive] = useState(none)
  const waiting = useRef(none)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const flush = () => {
    const arrived = waiting.current
    waiting.current = none
    timer.current = undefined
    setLive((known) => withAll(known, [...arrived.values()]))
  }
  useLive('deliveries', (delivery) => {
    if (!isWanted(delivery)) return
    waiting.current = withAll(waiting.current, [delivery])
    timer.current ??= setTimeout(flush, everyMs)
  })
  const clear = () => {
    waiting.current = none
    setLive(none)
  }
  return { live, clear }
}

function withAll(known: ById, arrived: readonly DeliveryFragment[]): ById {
  const next = new Map(known)
  for (const delivery of arrived) next.set(delivery.id, newerOf(next.get(delivery.id), delivery))
  return next
}
