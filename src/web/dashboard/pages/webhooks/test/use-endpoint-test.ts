import { useState } from 'react'
import { type DeliveryFragment, SendTestDocument } from '../../../../../generated/graphql/graphql.ts'
import type { Problem } from '../../../connection/problem.ts'
import { useChange } from '../../../connection/reading.ts'
import { useLive, useMay } from '../../../connection/signed-in.tsx'
import { newerOf } from '../deliveries/newer-delivery.ts'

/** Test of a webhook, followed until its end. */
export interface EndpointTest {
  readonly isSending: boolean
  readonly problem: Problem | undefined
  readonly delivery: DeliveryFragment | undefined
  send(): void
}

/** Sends a test event to a webhook, and follows its delivery. */
export function useEndpointTest(endpointId: string): EndpointTest {
  const [problem, setProblem] = useState<Problem>()
  const [sentId, setSentId] = useState<string>()
  // The live update about the result may arrive before the response.
  const [known, setKnown] = useState<ReadonlyMap<string, DeliveryFragment>>(new Map())
  const withEvents = useMay('EVENTS_READ')
  const { change, isChanging } = useChange(SendTestDocument, ({ sendTestEvent }) => sendTestEvent)
  const put = (delivery: DeliveryFragment) =>
    setKnown((before) => new Map(before).set(delivery.id, newerOf(before.get(delivery.id), delivery)))
  useLive('deliveries', (delivery) => {
    if (delivery.endpoint?.id === endpointId) put(delivery)
  })
  const send = async () => {
    const outcome = await change({ endpointId, withEvents })
    setProblem(outcome.kind === 'failed' ? outcome.problem : undefined)
    if (outcome.kind === 'failed') return
    put(outcome.value)
    setSentId(outcome.value.id)
  }
  const delivery = sentId === undefined ? undefined : known.get(sentId)
  return { isSending: isChanging, problem, delivery, send: () => void send() }
}
