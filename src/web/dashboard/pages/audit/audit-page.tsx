import { useState } from 'react'
import { AuditDocument, KeyNamesDocument } from '../../../../generated/graphql/graphql.ts'
import { useReading } from '../../connection/reading.ts'
import { Button } from '../../parts/controls/button.tsx'
import { Card } from '../../parts/surface/card.tsx'
import { EmptyState, Failure } from '../../parts/surface/empty-state.tsx'
import { PageHeader } from '../../parts/surface/page-header.tsx'
import { Skeleton } from '../../parts/surface/skeleton.tsx'
import { AuditTable } from './audit-table.tsx'

/** Changes to the workspace, newest first: who changed what, and when. */
export function AuditPage() {
  const [pages, setPages] = useState<readonly (string | undefined)[]>([undefined])
  const nameOf = useActorNames()
  return (
    <>
      <PageHeader title="Audit log" about="Changes to keys, webhooks, sources, leads and settings, newest first." />
      <Card>
        {pages.map((after, nth) => (
          <AuditPart
            key={after ?? ''}
            after={after}
            nameOf={nameOf}
            isLast={nth === pages.length - 1}
            onMore={(cursor) => setPages([...pages, cursor])}
          />
        ))}
      </Card>
    </>
  )
}

interface AuditPartProps {
  readonly after: string | undefined
  readonly isLast: boolean
  readonly nameOf: (actor: string) => string
  readonly onMore: (cursor: string) => void
}

function AuditPart({ after, isLast, nameOf, onMore }: AuditPartProps) {
  const { data, problem, reload } = useReading(AuditDocument, after === undefined ? {} : { after })
  if (!data) return problem ? <Failure message={problem.message} onRetry={reload} /> : <Skeleton lines={8} />
  const { nodes, pageInfo } = data.auditLog
  const cursor = pageInfo.endCursor
  if (nodes.length === 0 && after === undefined)
    return <EmptyState title="Nothing has been changed yet.">Changes by keys and by you appear here.</EmptyState>
  return (
    <>
      <AuditTable label={after === undefined ? 'Audit log' : 'Earlier changes'} entries={nodes} nameOf={nameOf} />
      {isLast && pageInfo.hasNextPage && cursor != null && <Button onClick={() => onMore(cursor)}>Show earlier</Button>}
    </>
  )
}

/** Returns a function that names the key which made a change. */
function useActorNames(): (actor: string) => string {
  const { data } = useReading(KeyNamesDocument, {})
  const names = new Map(data?.workspace.apiKeys.map(({ id, name }) => [id, name]))
  return (actor) => names.get(actor) ?? actor
}
