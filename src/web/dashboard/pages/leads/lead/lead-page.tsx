import { ArrowLeft } from 'lucide-react'
import { useEffect, useEffectEvent } from 'react'
import { Link, useSearchParams } from 'wouter'
import { useMay } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { EmptyState, Failure } from '../../../parts/surface/empty-state.tsx'
import { PageHeader } from '../../../parts/surface/page-header.tsx'
import { Skeleton } from '../../../parts/surface/skeleton.tsx'
import { navigate } from '../../../routing/fragment-location.ts'
import { isForSomethingElse } from '../../../routing/free-keys.ts'
import { parseFilter, queryOf } from '../list/lead-filter.ts'
import { AttributionCard } from './attribution-card.tsx'
import { EventsCard } from './events-card.tsx'
import { FactsCard } from './facts-card.tsx'
import { LeadActions } from './lead-actions.tsx'
import { SubmissionsCard } from './submissions-card.tsx'
import { ToldCard } from './told-card.tsx'
import { type LeadDetails, useLead } from './use-lead.ts'
import './lead-page.css'

/** The page of one lead: who it is, where it came from, and what has happened. */
export function LeadPage({ id }: { readonly id: string }) {
  const [parameters] = useSearchParams()
  const list = `/leads${queryOf(parseFilter(parameters))}`
  const { data, problem, reload, showMore } = useLead(id)
  const lead = data?.contact
  useBackKey(list)
  useFocusOnOpen(lead !== undefined)
  return (
    <>
      <Link className="lead-back" href={list}>
        <ArrowLeft size={16} aria-hidden /> Leads
      </Link>
      {lead && <Shown lead={lead} list={list} reload={reload} showMore={showMore} />}
      {lead === null && <Gone />}
      {lead === undefined && <PageHeader title="Lead" />}
      {lead === undefined &&
        (problem ? <Failure message={problem.message} onRetry={reload} /> : <Skeleton lines={10} />)}
    </>
  )
}

interface ShownProps {
  readonly lead: LeadDetails
  readonly list: string
  readonly reload: () => void
  readonly showMore: (() => void) | undefined
}

function Shown({ lead, list, reload, showMore }: ShownProps) {
  const mayReadEvents = useMay('EVENTS_READ')
  const mayReadWebhooks = useMay('WEBHOOKS_READ')
  return (
    <>
      <PageHeader
        title={lead.displayName}
        about={lead.displayName === lead.email ? '' : lead.email}
        actions={<LeadActions lead={lead} reload={reload} onErased={() => navigate(list)} />}
      />
      <div className="lead-page">
        <div className="stack">
          {mayReadWebhooks && <ToldCard deliveries={lead.deliveries?.nodes ?? []} />}
          <SubmissionsCard submissions={lead.submissions.nodes} count={lead.submissionCount} />
          {mayReadEvents && <EventsCard events={lead.events?.nodes ?? []} />}
          {showMore && <Button onClick={showMore}>Show earlier</Button>}
        </div>
        <div className="stack">
          <FactsCard lead={lead} />
          <AttributionCard first={lead.firstTouch} last={lead.lastTouch} />
        </div>
      </div>
    </>
  )
}

function Gone() {
  return (
    <>
      <PageHeader title="No such lead" />
      <EmptyState title="This lead was erased, or never existed.">
        <a href="#/leads">Go to all leads</a>
      </EmptyState>
    </>
  )
}

/** Escape goes back to the list. */
function useBackKey(list: string): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === 'Escape' && !isForSomethingElse(event)) navigate(list)
  })
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event)
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [])
}

function useFocusOnOpen(isRead: boolean): void {
  useEffect(() => {
    if (isRead) document.querySelector<HTMLElement>('.lead-back ~ .page-header h1')?.focus({ preventScroll: true })
  }, [isRead])
}
