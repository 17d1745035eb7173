import { Link } from 'wouter'
import { EndpointDocument, type EndpointFragment } from '../../../../../generated/graphql/graphql.ts'
import { useReading } from '../../../connection/reading.ts'
import { useLive } from '../../../connection/signed-in.tsx'
import { EmptyState, Failure } from '../../../parts/surface/empty-state.tsx'
import { PageHeader } from '../../../parts/surface/page-header.tsx'
import { Skeleton } from '../../../parts/surface/skeleton.tsx'
import { DeliveryList } from '../deliveries/delivery-list.tsx'
import { ReplayList } from '../replay/replay-list.tsx'
import { useReloadSoon } from '../use-reload-soon.ts'
import { VerifyView } from '../verify/verify-view.tsx'
import { EndpointActions } from './endpoint-actions.tsx'
import { EndpointFacts } from './endpoint-facts.tsx'
import './endpoint-page.css'

interface EndpointPageProps {
  readonly id: string
  readonly view: 'deliveries' | 'verify'
}

/** One webhook: its health, what can be done with it, and its deliveries or how its signature is verified. */
export function EndpointPage({ id, view }: EndpointPageProps) {
  const { data, problem, reload } = useReading(EndpointDocument, { id })
  const reloadSoon = useReloadSoon(reload)
  useLive('deliveries', ({ endpoint }) => {
    if (endpoint?.id === id) reloadSoon()
  })
  useLive('deliveryGaps', reload)
  useLive('events', ({ type }) => {
    if (type.startsWith('webhook.')) reloadSoon()
  })
  const endpoint = data?.webhookEndpoint
  return (
    <div className="endpoint-page">
      <p>
        <Link href="/webhooks">All webhooks</Link>
      </p>
      <PageHeader
        title={endpoint?.url ?? 'Webhook'}
        {...(endpoint?.description != null && { about: endpoint.description })}
      />
      {endpoint && <Content endpoint={endpoint} view={view} onChanged={reload} />}
      {endpoint === null && <EmptyState title="This webhook does not exist, or no longer exists." />}
      {!data && (problem ? <Failure message={problem.message} onRetry={reload} /> : <Skeleton lines={6} />)}
    </div>
  )
}

interface ContentProps {
  readonly endpoint: EndpointFragment
  readonly view: EndpointPageProps['view']
  readonly onChanged: () => void
}

function Content({ endpoint, view, onChanged }: ContentProps) {
  return (
    <div className="stack">
      <EndpointActions endpoint={endpoint} onChanged={onChanged} />
      <EndpointFacts endpoint={endpoint} />
      <Views id={endpoint.id} view={view} />
      {view === 'deliveries' ? <DeliveryList endpointId={endpoint.id} /> : <VerifyView endpoint={endpoint} />}
      {view === 'deliveries' && <ReplayList endpointId={endpoint.id} />}
    </div>
  )
}

function Views({ id, view }: EndpointPageProps) {
  return (
    <nav className="endpoint-views" aria-label="Parts of this webhook">
      <Link href={`/webhooks/${id}`} aria-current={view === 'deliveries' ? 'page' : undefined}>
        Deliveries
      </Link>
      <Link href={`/webhooks/${id}/verify`} aria-current={view === 'verify' ? 'page' : undefined}>
        Verify signatures
      </Link>
    </nav>
  )
}
