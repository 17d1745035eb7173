import { type ReactNode, useRef, useState } from 'react'
import type { HeldSubmissionFragment } from '../../../../../generated/graphql/graphql.ts'
import { useMay } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { showToast } from '../../../parts/messages/toast.tsx'
import { EmptyState, Failure } from '../../../parts/surface/empty-state.tsx'
import { Skeleton } from '../../../parts/surface/skeleton.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { decidedText } from './decided-text.ts'
import { HeldCard } from './held-card.tsx'
import { type Decided, type Decision, useDecisions } from './use-decisions.ts'
import { focusAfter, holdFocus, useHeldKeys } from './use-held-keys.ts'
import type { SubmissionPages } from './use-submission-pages.ts'
import './held-list.css'

interface HeldListProps {
  readonly pages: SubmissionPages
  /** Returns what a card has besides, such as a button. */
  readonly more?: (submission: HeldSubmissionFragment) => ReactNode
}

const none: ReadonlySet<string> = new Set()

/** Submissions that are not leads yet, to release or to mark as spam, one by one or many at once. */
export function HeldList({ pages, more }: HeldListProps) {
  const { submissions, problem, hasMore, loadMore, reload } = pages
  const list = useRef<HTMLDivElement>(null)
  const { selectedIds, setSelectedIds, failures, isDeciding, decide } = useModeration(pages, list)
  const mayWrite = useMay('CONTACTS_WRITE')
  if (submissions === undefined)
    return problem ? <Failure message={problem.message} onRetry={reload} /> : <Skeleton lines={5} />
  return (
    <div className="held-list" ref={list} tabIndex={-1}>
      {problem && <p role="alert">{problem.message}</p>}
      {mayWrite && submissions.length > 0 && (
        <BulkBar
          ids={submissions.map(({ id }) => id)}
          selectedIds={selectedIds}
          isBusy={isDeciding}
          onSelect={setSelectedIds}
          onDecide={(decision) => decide(decision, undefined, null)}
        />
      )}
      {submissions.map((submission) => (
        <HeldCard
          key={submission.id}
          submission={submission}
          isSelected={selectedIds.has(submission.id)}
          isBusy={isDeciding}
          problem={failures.get(submission.id)}
          more={more?.(submission)}
          onSelect={() => setSelectedIds(toggled(selectedIds, submission.id))}
          onDecide={(decision, email) => decide(decision, submission.id, email)}
        />
      ))}
      {submissions.length === 0 && <EmptyState title="Nothing is held." />}
      {hasMore && <Button onClick={loadMore}>Load more</Button>}
    </div>
  )
}

/** Returns what is selected, and the function that decides about one submission or about all that are selected. */
function useModeration({ submissions, remove, reload }: SubmissionPages, list: React.RefObject<HTMLElement | null>) {
  const [chosenIds, setSelectedIds] = useState(none)
  const [failures, setFailures] = useState<ReadonlyMap<string, string>>(new Map())
  const { isDeciding, decideOne, decideMany } = useDecisions()
  const mayWrite = useMay('CONTACTS_WRITE')
  // Others may have decided about what was selected.
  const selectedIds = new Set(submissions?.flatMap(({ id }) => (chosenIds.has(id) ? [id] : [])))
  const settle = (decision: Decision, { doneIds, failures: failed }: Decided) => {
    setFailures(failed)
    if (doneIds.size > 0) showToast(decidedText(decision, doneIds.size), 'good')
    focusAfter(list.current, doneIds)
    setSelectedIds(new Set([...selectedIds].filter((id) => !doneIds.has(id))))
    remove(doneIds)
    if (doneIds.size > 0) reload()
  }
  const decide = (decision: Decision, id: string | undefined, email: string | null) => {
    if (isDeciding || !mayWrite) return
    holdFocus(list.current)
    const work = id === undefined ? decideMany(decision, [...selectedIds]) : decideOne(decision, id, email)
    void work.then((decided) => settle(decision, decided))
  }
  useHeldKeys({
    list,
    onSelect: (id) => mayWrite && setSelectedIds(toggled(selectedIds, id)),
    onDecide: (decision, id) => {
      if (selectedIds.size > 0) decide(decision, undefined, null)
      else if (id !== undefined) decide(decision, id, null)
    },
  })
  return { selectedIds, setSelectedIds, failures, isDeciding, decide }
}

function toggled(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return ids.has(id) ? new Set([...ids].filter((each) => each !== id)) : new Set([...ids, id])
}
