import { useState } from 'react'
import { useMay } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { ScopeNotice } from '../../../parts/messages/scope-notice.tsx'
import { Card } from '../../../parts/surface/card.tsx'
import { PageHeader } from '../../../parts/surface/page-header.tsx'
import { CreateEndpoint } from './create-endpoint.tsx'
import { EndpointPart } from './endpoint-part.tsx'

/** Webhooks of the workspace with their health. */
export function EndpointList() {
  const [isCreating, setCreating] = useState(false)
  const [pages, setPages] = useState<readonly (string | undefined)[]>([undefined])
  const [created, setCreated] = useState(0)
  const missing = useMissingScope()
  const create =
    missing === undefined ? (
      <Button look="primary" onClick={() => setCreating(true)}>
        Create a webhook
      </Button>
    ) : undefined
  return (
    <>
      <PageHeader
        title="Webhooks"
        about="Rex posts each event to these URLs, signed, and retries until it is accepted."
        actions={create}
      />
      <div className="stack">
        {missing !== undefined && <ScopeNotice action="Creating a webhook" scope={missing} />}
        <Card>
          {pages.map((after, nth) => (
            <EndpointPart
              key={after ?? ''}
              after={after}
              created={created}
              isLast={nth === pages.length - 1}
              onMore={(cursor) => setPages([...pages, cursor])}
              action={create}
            />
          ))}
        </Card>
      </div>
      {isCreating && (
        <CreateEndpoint onCreated={() => setCreated((count) => count + 1)} onClose={() => setCreating(false)} />
      )}
    </>
  )
}

/** Returns the scope that the viewer lacks to create a webhook. */
function useMissingScope(): 'WEBHOOKS_WRITE' | 'PII_READ' | undefined {
  const [mayWrite, mayReadPii] = [useMay('WEBHOOKS_WRITE'), useMay('PII_READ')]
  if (!mayWrite) return 'WEBHOOKS_WRITE'
  return mayReadPii ? undefined : 'PII_READ'
}
