import { type ReactNode, useEffect } from 'react'
import { EndpointsDocument } from '../../../../../generated/graphql/graphql.ts'
import { useReading } from '../../../connection/reading.ts'
import { useLive } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { Table } from '../../../parts/data/table.tsx'
import { EmptyState, Failure } from '../../../parts/surface/empty-state.tsx'
import { Skeleton } from '../../../parts/surface/skeleton.tsx'
import { useReloadSoon } from '../use-reload-soon.ts'
import { EndpointRow } from './endpoint-row.tsx'

const columns = ['URL', 'State', 'Success in 24 h', 'p95', 'Last error', 'Events']

interface EndpointPartProps {
  readonly after: string | undefined
  /** Changes when a webhook was created, which is then read. */
  readonly created: number
  readonly isLast: boolean
  readonly onMore: (cursor: string) => void
  /** Button for who has no webhook yet. */
  readonly action: ReactNode
}

/** One page of the list, read again soon after a delivery or an event about a webhook. */
export function EndpointPart({ after, created, isLast, onMore, action }: EndpointPartProps) {
  const { data, problem, reload } = useReading(EndpointsDocument, after === undefined ? {} : { after })
  const reloadSoon = useReloadSoon(reload)
  useLive('deliveries', reloadSoon)
  useLive('deliveryGaps', reload)
  useLive('events', ({ type }) => {
    if (type.startsWith('webhook.')) reloadSoon()
  })
  useEffect(() => {
    if (created > 0) reload()
  }, [created, reload])
  if (!data) return problem ? <Failure message={problem.message} onRetry={reload} /> : <Skeleton lines={4} />
  const { nodes, pageInfo } = data.webhookEndpoints
  const cursor = pageInfo.endCursor
  if (nodes.length === 0 && after === undefined)
    return (
      <EmptyState title="No webhooks yet." action={action}>
        Create one with the URL of your program, and it receives each new lead.
      </EmptyState>
    )
  return (
    <>
      <Table label={after === undefined ? 'Webhooks' : 'More webhooks'} columns={columns}>
        {nodes.map((endpoint) => (
          <EndpointRow key={endpoint.id} endpoint={endpoint} />
        ))}
      </Table>
      {isLast && pageInfo.hasNextPage && cursor !== null && <Button onClick={() => onMore(cursor)}>Show more</Button>}
    </>
  )
}
