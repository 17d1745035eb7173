import { useState } from 'react'
import { type LeadFragment, RecentLeadsDocument } from '../../../../generated/graphql/graphql.ts'
import { useReading } from '../../connection/reading.ts'
import { useLive } from '../../connection/signed-in.tsx'

const shown = 15
const none: readonly LeadFragment[] = []

/** Returns the newest leads: those of the list, and those that arrived since. */
export function useRecentLeads(): { leads: readonly LeadFragment[] | undefined; arrivedIds: ReadonlySet<string> } {
  const { data, reload } = useReading(RecentLeadsDocument, {})
  const [arrived, setArrived] = useState(none)
  const [erasedIds, setErasedIds] = useState<ReadonlySet<string>>(new Set())
  useLive('gaps', reload)
  useLive('events', ({ type, contact, data: body }) => {
    if (contact) setArrived((known) => newestOf([contact, ...known.filter(({ id }) => id !== contact.id)]))
    if (type === 'contact.erased') setErasedIds((known) => new Set([...known, idIn(body)]))
  })
  const known = new Map<string, LeadFragment>()
  for (const lead of [...(data?.contacts.nodes ?? []), ...arrived]) {
    // A list that was read late may be older than an event.
    if ((known.get(lead.id)?.version ?? 0) <= lead.version) known.set(lead.id, lead)
  }
  const leads = newestOf([...known.values()].filter(({ id }) => !erasedIds.has(id)))
  return { leads: data ? leads : undefined, arrivedIds: new Set(arrived.map(({ id }) => id)) }
}

/** Returns the newest leads first; an update does not move a lead up. */
function newestOf(leads: readonly LeadFragment[]): LeadFragment[] {
  const order = ({ createdAt, id }: LeadFragment) => `${createdAt} ${id}`
  return leads.toSorted((one, other) => (order(one) < order(other) ? 1 : -1)).slice(0, shown)
}

function idIn(body: unknown): string {
  return String((body as { id?: unknown } | null)?.id)
}
