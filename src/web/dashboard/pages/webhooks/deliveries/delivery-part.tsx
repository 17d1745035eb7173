import type { DeliveryStatus } from '../../../../../generated/graphql/graphql.ts'
import { Button } from '../../../parts/controls/button.tsx'
import { Table } from '../../../parts/data/table.tsx'
import { EmptyState, Failure } from '../../../parts/surface/empty-state.tsx'
import { Skeleton } from '../../../parts/surface/skeleton.tsx'
import { DeliveryRow } from './delivery-row.tsx'
import { type DeliveryPage, useDeliveries } from './use-deliveries.ts'

const columns = ['Event', 'Status', 'Attempts', 'Last result', 'Next attempt', 'Created', '']

interface DeliveryPartProps extends DeliveryPage {
  readonly isLast: boolean
  readonly onMore: (cursor: string) => void
  readonly onOpen: (id: string) => void
}

/** One page of deliveries; the first one receives the new ones. */
export function DeliveryPart({ isLast, onMore, onOpen, ...page }: DeliveryPartProps) {
  const { status, after } = page
  const { deliveries, cursor, problem, reload } = useDeliveries(page)
  if (!deliveries) return problem ? <Failure message={problem.message} onRetry={reload} /> : <Skeleton lines={6} />
  return (
    <>
      {deliveries.length === 0 && after === undefined && cursor === undefined && <NoDeliveries status={status} />}
      {deliveries.length > 0 && (
        <Table label={after === undefined ? 'Deliveries' : 'Earlier deliveries'} columns={columns}>
          {deliveries.map((delivery) => (
            <DeliveryRow key={delivery.id} delivery={delivery} onOpen={() => onOpen(delivery.id)} />
          ))}
        </Table>
      )}
      {isLast && cursor !== undefined && <Button onClick={() => onMore(cursor)}>Show earlier</Button>}
    </>
  )
}

function NoDeliveries({ status }: { readonly status: DeliveryStatus | undefined }) {
  if (status !== undefined) return <EmptyState title={`No deliveries with the status ${status.toLowerCase()}.`} />
  return <EmptyState title="No deliveries yet.">They appear here by themselves, such as that of a test.</EmptyState>
}
