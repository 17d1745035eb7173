import { useState } from 'react'
import { KeysDocument } from '../../../../generated/graphql/graphql.ts'
import { useReading } from '../../connection/reading.ts'
import { Button } from '../../parts/controls/button.tsx'
import { Card } from '../../parts/surface/card.tsx'
import { Failure } from '../../parts/surface/empty-state.tsx'
import { PageHeader } from '../../parts/surface/page-header.tsx'
import { Skeleton } from '../../parts/surface/skeleton.tsx'
import { CreateKey } from './create-key.tsx'
import { KeyTable } from './key-table.tsx'
import { SessionTable } from './session-table.tsx'

/** API keys of the workspace, and browsers that are signed in. */
export function KeysPage() {
  const [isCreating, setCreating] = useState(false)
  const { data, problem, reload } = useReading(KeysDocument, {})
  return (
    <>
      <PageHeader
        title="Keys"
        about="A key is the right to use the API. Give each program its own, with no more scopes than it needs."
        actions={
          <Button look="primary" onClick={() => setCreating(true)}>
            Create a key
          </Button>
        }
      />
      <div className="stack">
        <Card title="API keys">
          {data && <KeyTable keys={data.workspace.apiKeys} onChanged={reload} />}
          {!data && (problem ? <Failure message={problem.message} onRetry={reload} /> : <Skeleton lines={4} />)}
        </Card>
        <SessionTable />
      </div>
      {isCreating && <CreateKey onCreated={reload} onClose={() => setCreating(false)} />}
    </>
  )
}
