import { useState } from 'react'
import { useSearchParams } from 'wouter'
import type { DeliveryStatus } from '../../../../../generated/graphql/graphql.ts'
import { Card } from '../../../parts/surface/card.tsx'
import { DeliveryDetails } from './delivery-details.tsx'
import { DeliveryPart } from './delivery-part.tsx'
import './delivery-list.css'

const statuses: readonly DeliveryStatus[] = ['FAILED', 'RETRYING', 'HELD', 'PENDING', 'SUCCEEDED', 'CANCELED']

/** Deliveries to a webhook, newest first, as they happen. The filter and the open delivery are in the address. */
export function DeliveryList({ endpointId }: { readonly endpointId: string }) {
  const [search, setSearch] = useSearchParams()
  const status = statuses.find((each) => each.toLowerCase() === search.get('status'))
  const openId = search.get('delivery')
  const set = (name: string, value: string | undefined) =>
    setSearch((known) => {
      const next = new URLSearchParams(known)
      if (value === undefined) next.delete(name)
      else next.set(name, value)
      return next
    })
  return (
    <Card
      title="Deliveries"
      actions={<StatusFilter status={status} onChange={(chosen) => set('status', chosen?.toLowerCase())} />}
    >
      <DeliveryPages key={status ?? ''} endpointId={endpointId} status={status} onOpen={(id) => set('delivery', id)} />
      {openId !== null && <DeliveryDetails key={openId} id={openId} onClose={() => set('delivery', undefined)} />}
    </Card>
  )
}

interface DeliveryPagesProps {
  readonly endpointId: string
  readonly status: DeliveryStatus | undefined
  readonly onOpen: (id: string) => void
}

interface PagesState {
  /** Changes when the list begins anew. */
  readonly round: number
  readonly pages: readonly (string | undefined)[]
}

function DeliveryPages({ endpointId, status, onOpen }: DeliveryPagesProps) {
  const [{ round, pages }, setState] = useState<PagesState>({ round: 0, pages: [undefined] })
  return pages.map((after, nth) => (
    <DeliveryPart
      key={after ?? round}
      endpointId={endpointId}
      status={status}
      after={after}
      isLast={nth === pages.length - 1}
      onMore={(cursor) => setState({ round, pages: [...pages, cursor] })}
      onFull={() => setState({ round: round + 1, pages: [undefined] })}
      onOpen={onOpen}
    />
  ))
}

interface StatusFilterProps {
  readonly status: DeliveryStatus | undefined
  readonly onChange: (status: DeliveryStatus | undefined) => void
}

function StatusFilter({ status, onChange }: StatusFilterProps) {
  return (
    <select
      className="control delivery-filter"
      aria-label="Status"
      value={status ?? ''}
      onChange={({ target }) => onChange(statuses.find((each) => each === target.value))}
    >
      <option value="">All</option>
      {statuses.map((each) => (
        <option key={each} value={each}>
          {each.toLowerCase()}
        </option>
      ))}
    </select>
  )
}
