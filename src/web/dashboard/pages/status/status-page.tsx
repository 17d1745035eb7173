import { useEffect } from 'react'
import { StatusDocument } from '../../../../generated/graphql/graphql.ts'
import { useReading } from '../../connection/reading.ts'
import { useMay } from '../../connection/signed-in.tsx'
import { EmptyState, Failure } from '../../parts/surface/empty-state.tsx'
import { PageHeader } from '../../parts/surface/page-header.tsx'
import { Skeleton } from '../../parts/surface/skeleton.tsx'
import { StatusCards } from './status-cards.tsx'

const refreshMs = 5000

/** State of the server: database, event log, deliveries and storage. It is read again every five seconds. */
export function StatusPage() {
  const isAdmin = useMay('ADMIN')
  return (
    <>
      <PageHeader title="Status" about="The whole server, for its operator. /metrics has the same facts." />
      {isAdmin ? <ServerStatus /> : <EmptyState title="This needs an ADMIN key of the default workspace." />}
    </>
  )
}

function ServerStatus() {
  const { data, problem, reload } = useReading(StatusDocument, {})
  useEffect(() => {
    const timer = setInterval(reload, refreshMs)
    return () => clearInterval(timer)
  }, [reload])
  if (data) return <StatusCards status={data.serverStatus} />
  return problem ? <Failure message={problem.message} onRetry={reload} /> : <Skeleton lines={10} />
}
