import { useMemo } from 'react'
import {
  HeldBySourceDocument,
  type HeldBySourceQuery,
  ReleaseHeldDocument,
} from '../../../../../generated/graphql/graphql.ts'
import { useChange } from '../../../connection/reading.ts'
import { useMay } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { ScopeNotice } from '../../../parts/messages/scope-notice.tsx'
import { showToast } from '../../../parts/messages/toast.tsx'
import { Card } from '../../../parts/surface/card.tsx'
import { HeldList } from '../../held/list/held-list.tsx'
import { useSubmissionPages } from '../../held/list/use-submission-pages.ts'

interface SourceHeldProps {
  readonly sourceId: string
  /** Shows the payload of a submission. */
  readonly onOpen: (submissionId: string) => void
}

/** Submissions that a source holds, to release one by one or all that the mapping understands by now. */
export function SourceHeld(props: SourceHeldProps) {
  const mayRead = useMay('CONTACTS_READ')
  if (mayRead) return <Held {...props} />
  return (
    <Card title="Held">
      <ScopeNotice action="What is held" scope="CONTACTS_READ" />
    </Card>
  )
}

function Held({ sourceId, onOpen }: SourceHeldProps) {
  const query = useMemo(
    () => ({
      document: HeldBySourceDocument,
      variables: { id: sourceId },
      pageOf: ({ source }: HeldBySourceQuery) => source?.submissions,
    }),
    [sourceId],
  )
  const pages = useSubmissionPages(query)
  const [mayWrite, mayReadPii] = [useMay('CONTACTS_WRITE'), useMay('PII_READ')]
  const releaseAll = <ReleaseAll sourceId={sourceId} onReleased={pages.reload} />
  return (
    <Card title="Held" actions={mayWrite && releaseAll}>
      {!mayWrite && <ScopeNotice action="Releasing" scope="CONTACTS_WRITE" />}
      <HeldList
        pages={pages}
        more={({ id }) =>
          mayReadPii && (
            <Button look="quiet" onClick={() => onOpen(id)}>
              Show its payload
            </Button>
          )
        }
      />
    </Card>
  )
}

function ReleaseAll({ sourceId, onReleased }: { readonly sourceId: string; readonly onReleased: () => void }) {
  const { change, isChanging } = useChange(ReleaseHeldDocument, ({ releaseHeld }) => releaseHeld)
  const release = async () => {
    const outcome = await change({ id: sourceId })
    if (outcome.kind === 'failed') return showToast(outcome.problem.message, 'bad')
    const { released, stillHeld } = outcome.value
    showToast(`${released} released, ${stillHeld} still held.`, 'good')
    onReleased()
  }
  return (
    <Button isBusy={isChanging} onClick={() => void release()}>
      Release all
    </Button>
  )
}
