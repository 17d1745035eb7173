import { type FormEvent, useState } from 'react'
import { ChangeEndpointDocument, type EndpointFragment } from '../../../../../generated/graphql/graphql.ts'
import type { Problem } from '../../../connection/problem.ts'
import { useChange } from '../../../connection/reading.ts'
import { useMay } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { Dialog } from '../../../parts/messages/dialog.tsx'
import { ScopeNotice } from '../../../parts/messages/scope-notice.tsx'
import { showToast } from '../../../parts/messages/toast.tsx'
import { EndpointFields } from '../form/endpoint-fields.tsx'
import { endpointValues } from '../form/endpoint-values.ts'

interface EditEndpointProps {
  readonly endpoint: EndpointFragment
  readonly onChanged: () => void
  readonly onClose: () => void
}

/** Changes the URL, the events and the settings of a webhook. */
export function EditEndpoint({ endpoint, onChanged, onClose }: EditEndpointProps) {
  const [problem, setProblem] = useState<Problem>()
  const mayReadPii = useMay('PII_READ')
  const { change, isChanging } = useChange(ChangeEndpointDocument, ({ updateWebhookEndpoint }) => updateWebhookEndpoint)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const { url, events, description } = endpointValues(event.currentTarget)
    const maxInFlight = Number(new FormData(event.currentTarget).get('maxInFlight'))
    const target = mayReadPii ? { url, events } : {}
    const outcome = await change({ input: { id: endpoint.id, description, maxInFlight, ...target } })
    if (outcome.kind === 'failed') return setProblem(outcome.problem)
    showToast('Saved.', 'good')
    onChanged()
    onClose()
  }
  return (
    <Dialog title="Edit the webhook" onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        {!mayReadPii && <ScopeNotice action="Changing the URL or the events" scope="PII_READ" />}
        <EndpointFields endpoint={endpoint} problem={problem} isTargetFixed={!mayReadPii} />
        <div className="dialog-actions">
          <Button look="primary" type="submit" isBusy={isChanging}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
