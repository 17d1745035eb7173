import { useMemo } from 'react'
import { useSearchParams } from 'wouter'
import { HeldDocument, type HeldQuery, type SubmissionStatus } from '../../../../generated/graphql/graphql.ts'
import { useMay } from '../../connection/signed-in.tsx'
import { ScopeNotice } from '../../parts/messages/scope-notice.tsx'
import { PageHeader } from '../../parts/surface/page-header.tsx'
import { HeldList } from './list/held-list.tsx'
import { useSubmissionPages } from './list/use-submission-pages.ts'
import { StorageLine } from './storage-line.tsx'
import './held-page.css'

/** Moderation queue: submissions that are not leads yet, to release or to mark as spam. */
export function HeldPage() {
  const [parameters, setParameters] = useSearchParams()
  const withSpam = parameters.has('spam')
  const [mayWrite, isAdmin] = [useMay('CONTACTS_WRITE'), useMay('ADMIN')]
  return (
    <>
      <PageHeader
        title="Held"
        about="Submissions that are not leads yet."
        actions={
          <label className="spam-filter">
            <input
              type="checkbox"
              checked={withSpam}
              onChange={({ target }) => setParameters(target.checked ? { spam: '1' } : {}, { replace: true })}
            />
            Also show spam
          </label>
        }
      />
      <div className="stack">
        {isAdmin && <StorageLine />}
        {!mayWrite && <ScopeNotice action="Releasing" scope="CONTACTS_WRITE" />}
        <Queue key={String(withSpam)} withSpam={withSpam} />
      </div>
    </>
  )
}

function Queue({ withSpam }: { readonly withSpam: boolean }) {
  const query = useMemo(() => {
    const status: SubmissionStatus[] = withSpam ? ['HELD', 'SPAM'] : ['HELD']
    return { document: HeldDocument, variables: { status }, pageOf: ({ submissions }: HeldQuery) => submissions }
  }, [withSpam])
  const pages = useSubmissionPages(query)
  return (
    <section>
      <h2 className="unseen">Submissions</h2>
      <HeldList pages={pages} />
    </section>
  )
}
