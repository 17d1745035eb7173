import { useMemo, useState } from 'react'
import { LeadDetailsDocument, type LeadDetailsQuery } from '../../../../../generated/graphql/graphql.ts'
import { throttleTrailing } from '../../../connection/backoff.ts'
import { type Reading, useReading } from '../../../connection/reading.ts'
import { useLive, useMay } from '../../../connection/signed-in.tsx'

export type LeadDetails = NonNullable<LeadDetailsQuery['contact']>

const rereadMs = 300
/** Entries of each list at first, and at most. */
const [few, many] = [20, 100]

interface LeadReading extends Reading<LeadDetailsQuery> {
  /** Shows more of the lists; undefined when all are shown that can be. */
  readonly showMore: (() => void) | undefined
}

/** Reads all of a lead, and reads it again when the log or a delivery changes it. */
export function useLead(id: string): LeadReading {
  const [first, setFirst] = useState(few)
  const scopes = { withEvents: useMay('EVENTS_READ'), withDeliveries: useMay('WEBHOOKS_READ') }
  const reading = useReading(LeadDetailsDocument, { id, first, ...scopes })
  const { data, isReading, reload } = reading
  const reloadSoon = useMemo(() => throttleTrailing(rereadMs, reload), [reload])
  const contact = data?.contact
  useLive('events', (event) => {
    if (event.contact?.id === id || idIn(event.data) === id) reloadSoon()
  })
  useLive('deliveries', (delivery) => {
    const isShown = contact?.deliveries?.nodes.some((each) => each.id === delivery.id)
    const isOfLead = contact?.events?.nodes.some((each) => each.id === delivery.event?.id)
    // A delivery that changes while the lead is read may be missing in what comes.
    if (isShown || isOfLead || isReading) reloadSoon()
  })
  useLive('gaps', reloadSoon)
  useLive('deliveryGaps', reloadSoon)
  const lists = [contact?.submissions, contact?.events, contact?.deliveries]
  const hasMore = lists.some((list) => list?.pageInfo.hasNextPage)
  return { ...reading, showMore: hasMore && first === few ? () => setFirst(many) : undefined }
}

function idIn(data: unknown): string {
  return String((data as { id?: unknown } | null)?.id)
}
