import { useRef, useState } from 'react'
import { Link } from 'wouter'
import { SourceDocument, type SourceQuery } from '../../../../../generated/graphql/graphql.ts'
import { usePolling } from '../../../connection/polling.ts'
import { useReading } from '../../../connection/reading.ts'
import { useMay } from '../../../connection/signed-in.tsx'
import { ScopeNotice } from '../../../parts/messages/scope-notice.tsx'
import { EmptyState, Failure } from '../../../parts/surface/empty-state.tsx'
import { PageHeader } from '../../../parts/surface/page-header.tsx'
import { Skeleton } from '../../../parts/surface/skeleton.tsx'
import { PayloadPanel } from '../payload/payload-panel.tsx'
import { SourceActions } from './source-actions.tsx'
import { SourceFacts } from './source-facts.tsx'
import { SourceHeld } from './source-held.tsx'
import { SourceSettings } from './source-settings.tsx'
import { SourceSetup } from './source-setup.tsx'

const refreshMs = 2000

/** One source: its URL, the latest payload with the mapping, and what is held. */
export function SourceView({ id }: { readonly id: string }) {
  const { data, problem, reload } = useReading(SourceDocument, { id, withSubmissions: useMay('CONTACTS_READ') })
  usePolling(refreshMs, reload)
  const source = data?.source
  return (
    <div className="stack">
      <p>
        <Link href="/sources">All sources</Link>
      </p>
      {source && <Content source={source} onChanged={reload} />}
      {source === null && <PageHeader title="Source" />}
      {source === null && <EmptyState title="This source does not exist, or no longer exists." />}
      {!data && (problem ? <Failure message={problem.message} onRetry={reload} /> : <Skeleton lines={8} />)}
    </div>
  )
}

interface ContentProps {
  readonly source: NonNullable<SourceQuery['source']>
  readonly onChanged: () => void
}

function Content({ source, onChanged }: ContentProps) {
  const [openedId, setOpenedId] = useState<string>()
  const panel = useRef<HTMLDivElement>(null)
  const mayWrite = useMay('SOURCES_WRITE')
  const open = (submissionId: string) => {
    setOpenedId(submissionId)
    panel.current?.scrollIntoView()
  }
  return (
    <div className="stack">
      <PageHeader title={source.name} actions={mayWrite && <SourceActions source={source} onChanged={onChanged} />} />
      {!mayWrite && <ScopeNotice action="Changing this source" scope="SOURCES_WRITE" />}
      <SourceFacts source={source} />
      <SourceSetup source={source} />
      <div ref={panel}>
        <PayloadPanel
          source={source}
          newest={source.submissions?.nodes[0]}
          openedId={openedId}
          onFollow={() => setOpenedId(undefined)}
          onSaved={onChanged}
        />
      </div>
      <SourceHeld sourceId={source.id} onOpen={open} />
      {mayWrite && <SourceSettings source={source} onChanged={onChanged} />}
    </div>
  )
}
