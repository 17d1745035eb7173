import { ArrowUp } from 'lucide-react'
import { Button } from '../../../parts/controls/button.tsx'
import { EmptyState, Failure } from '../../../parts/surface/empty-state.tsx'
import { Skeleton } from '../../../parts/surface/skeleton.tsx'
import { countText } from '../../../parts/values/numbers.ts'
import { navigate } from '../../../routing/fragment-location.ts'
import type { PageProps } from '../../../routing/page-props.ts'
import type { LeadList, LeadListState } from './lead-list.ts'

interface ArrivalsProps {
  readonly count: number
  readonly onShow: () => void
}

/** Announces leads that arrived above, without moving the rows. */
export function Arrivals({ count, onShow }: ArrivalsProps) {
  return (
    <div className="arrivals" role="status">
      {count > 0 && (
        <Button look="primary" onClick={onShow}>
          <ArrowUp size={16} aria-hidden />
          {`${countText(count)} new ${count === 1 ? 'lead' : 'leads'} – show`}
        </Button>
      )}
    </div>
  )
}

interface NothingProps extends PageProps {
  readonly state: LeadListState
  readonly isFiltered: boolean
  readonly list: LeadList
}

/** Place of a list that is not there: it is read, has failed or is empty. */
export function Nothing({ state, isFiltered, list, openTestLead }: NothingProps) {
  if (state.problem !== undefined) return <Failure message={state.problem} onRetry={() => list.reload()} />
  if (!state.isRead) return <Skeleton lines={10} />
  if (state.rows.length > 0) return null
  if (isFiltered)
    return (
      <EmptyState title="Nothing found." action={<Button onClick={() => navigate('/leads')}>Clear the filters</Button>}>
        No lead matches the search and the filters.
      </EmptyState>
    )
  return (
    <EmptyState title="No leads yet." action={<Button onClick={openTestLead}>Send a test lead</Button>}>
      Copy a form or a line of code from <a href="#/capture">Capture</a>; each lead appears here by itself.
    </EmptyState>
  )
}

/** Returns the number of leads in words, as far as it is known. */
export function totalText({ total, isRead }: LeadListState): string {
  if (!isRead || !total) return ' '
  const count = `${countText(total.value)}${total.precision === 'EXACT' ? '' : '+'}`
  return `${count} ${total.value === 1 ? 'lead' : 'leads'}`
}
