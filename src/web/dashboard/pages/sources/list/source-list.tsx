import { useState } from 'react'
import { Link } from 'wouter'
import { type SourceSummaryFragment, SourcesDocument } from '../../../../../generated/graphql/graphql.ts'
import { usePolling } from '../../../connection/polling.ts'
import { useReading } from '../../../connection/reading.ts'
import { useMay } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { Table } from '../../../parts/data/table.tsx'
import { ScopeNotice } from '../../../parts/messages/scope-notice.tsx'
import { Badge } from '../../../parts/surface/badge.tsx'
import { Card } from '../../../parts/surface/card.tsx'
import { EmptyState, Failure } from '../../../parts/surface/empty-state.tsx'
import { PageHeader } from '../../../parts/surface/page-header.tsx'
import { Skeleton } from '../../../parts/surface/skeleton.tsx'
import { RelativeTime } from '../../../parts/values/relative-time.tsx'
import { Untrusted } from '../../../parts/values/untrusted.tsx'
import { toolOf, useSourceTools } from '../source-tools.ts'
import { CreateSource } from './create-source.tsx'

const refreshMs = 5000
const columns = ['Name', 'Tool', 'Last received', 'Accepted', 'Held', 'Ignored', 'Refused']

/** Sources with what they received in the last 24 hours. */
export function SourceList() {
  const [isCreating, setCreating] = useState(false)
  const mayWrite = useMay('SOURCES_WRITE')
  const add = mayWrite && (
    <Button look="primary" onClick={() => setCreating(true)}>
      Add a source
    </Button>
  )
  return (
    <>
      <PageHeader title="Sources" about="Each source is a URL that a form tool sends its leads to." actions={add} />
      <div className="stack">
        {!mayWrite && <ScopeNotice action="Adding a source" scope="SOURCES_WRITE" />}
        <Card>
          <SourcePages />
        </Card>
      </div>
      {isCreating && <CreateSource onClose={() => setCreating(false)} />}
    </>
  )
}

/** Pages of the list, each of which shows the one after it when asked. */
function SourcePages({ after = null }: { readonly after?: string | null }) {
  const { data, problem, reload } = useReading(SourcesDocument, { after })
  const [hasMore, setMore] = useState(false)
  usePolling(refreshMs, reload)
  if (!data) return problem ? <Failure message={problem.message} onRetry={reload} /> : <Skeleton lines={4} />
  const { nodes, pageInfo } = data.sources
  if (nodes.length === 0 && after === null) return <EmptyState title="No sources yet." />
  return (
    <>
      <SourceTable sources={nodes} />
      {pageInfo.hasNextPage && !hasMore && <Button onClick={() => setMore(true)}>Load more</Button>}
      {pageInfo.hasNextPage && hasMore && <SourcePages after={pageInfo.endCursor} />}
    </>
  )
}

function SourceTable({ sources }: { readonly sources: readonly SourceSummaryFragment[] }) {
  const tools = useSourceTools()
  return (
    <Table label="Sources, with the requests of 24 hours" columns={columns}>
      {sources.map(({ id, name, kind, enabled, lastReceivedAt, stats24h }) => (
        <tr key={id} data-id={id}>
          <th scope="row">
            <Link href={`/sources/${id}`}>
              <Untrusted text={name} />
            </Link>
          </th>
          <td>
            {toolOf(tools, kind).title} {!enabled && <Badge tone="warn">disabled</Badge>}
          </td>
          <td>{lastReceivedAt === null ? 'never' : <RelativeTime at={lastReceivedAt} />}</td>
          <td className="numbers">{stats24h.accepted}</td>
          <td className="numbers">{stats24h.held}</td>
          <td className="numbers">{stats24h.ignored}</td>
          <td className="numbers">{stats24h.refused}</td>
        </tr>
      ))}
    </Table>
  )
}
