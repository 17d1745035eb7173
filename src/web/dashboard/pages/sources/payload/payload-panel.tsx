import { useState } from 'react'
import type { Scope, SourceDetailsFragment } from '../../../../../generated/graphql/graphql.ts'
import { useSignedIn } from '../../../connection/signed-in.tsx'
import { ScopeNotice } from '../../../parts/messages/scope-notice.tsx'
import { Card } from '../../../parts/surface/card.tsx'
import { mapPath, type Rule } from '../mapping.ts'
import { CandidateTable } from './candidate-table.tsx'
import { MappingRules } from './mapping-rules.tsx'
import type { Newest } from './newest.ts'
import { PayloadLine } from './payload-line.tsx'
import { PreviewResult } from './preview-result.tsx'
import { useMapping } from './use-mapping.ts'
import { usePreview } from './use-preview.ts'
import './payload-panel.css'

interface PayloadPanelProps {
  readonly source: SourceDetailsFragment
  readonly newest: Newest | undefined
  /** Submission that the user has opened; else the newest is shown. */
  readonly openedId: string | undefined
  /** Called when the user wants the newest again. */
  readonly onFollow: () => void
  readonly onSaved: () => void
}

const scopes: readonly Scope[] = ['CONTACTS_READ', 'PII_READ']

/** A payload that is mapped by choosing fields, with the result before it is saved. */
export function PayloadPanel(props: PayloadPanelProps) {
  const { may } = useSignedIn()
  const missing = scopes.find((scope) => !may(scope))
  return (
    <Card title="Payload">
      {missing === undefined ? <Payload {...props} /> : <ScopeNotice action="The latest payload" scope={missing} />}
    </Card>
  )
}

function Payload({ source, newest, openedId, onFollow, onSaved }: PayloadPanelProps) {
  const { may } = useSignedIn()
  const [editedId, setEditedId] = useState<string>()
  const mapping = useMapping(source, onSaved)
  // A payload that is being mapped stays while newer ones arrive.
  const shownId = openedId ?? editedId ?? newest?.id
  const outcome = usePreview({ sourceId: source.id, submissionId: shownId, rules: mapping.rules })
  const follow = () => {
    setEditedId(undefined)
    onFollow()
  }
  /** Shows newer payloads again after a change is over, if none has come meanwhile. */
  const settle = () => {
    if (editedId === newest?.id) setEditedId(undefined)
  }
  const edit = (rules: readonly Rule[]) => {
    setEditedId(editedId ?? shownId)
    mapping.edit(rules)
  }
  const preview = outcome?.kind === 'done' ? outcome.value : undefined
  const choose = (path: string, field: string) => {
    const shown = new Set(preview?.candidates.map((candidate) => candidate.path))
    edit(mapPath(mapping.rules, { path, field, shown }))
  }
  return (
    <div className="stack">
      <PayloadLine newest={newest} shownId={shownId} isOpened={openedId !== undefined} onFollow={follow} />
      <div className="payload">
        {preview && (
          <CandidateTable
            candidates={preview.candidates}
            rules={mapping.rules}
            onChoose={may('SOURCES_WRITE') ? choose : undefined}
          />
        )}
        <div className="stack">
          <MappingRules mapping={mapping} onEdit={edit} onSettled={settle} />
          {preview && <PreviewResult preview={preview} />}
          {outcome?.kind === 'failed' && <p role="alert">{outcome.problem.message}</p>}
        </div>
      </div>
    </div>
  )
}
