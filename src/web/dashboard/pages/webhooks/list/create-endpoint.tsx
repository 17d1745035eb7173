import { type FormEvent, useState } from 'react'
import { CreateEndpointDocument } from '../../../../../generated/graphql/graphql.ts'
import type { Problem } from '../../../connection/problem.ts'
import { useChange } from '../../../connection/reading.ts'
import { Button } from '../../../parts/controls/button.tsx'
import { Dialog } from '../../../parts/messages/dialog.tsx'
import { EndpointFields } from '../form/endpoint-fields.tsx'
import { endpointValues } from '../form/endpoint-values.ts'
import { type Created, NewEndpoint } from './new-endpoint.tsx'

interface CreateEndpointProps {
  readonly onCreated: () => void
  readonly onClose: () => void
}

/** Creates a webhook, shows its secret once, and tests it. */
export function CreateEndpoint({ onCreated, onClose }: CreateEndpointProps) {
  const [made, setMade] = useState<Created>()
  const created = (value: Created) => {
    setMade(value)
    onCreated()
  }
  return (
    <Dialog title={made ? 'The webhook is created' : 'Create a webhook'} onClose={onClose}>
      {made ? <NewEndpoint created={made} onClose={onClose} /> : <EndpointForm onCreated={created} />}
    </Dialog>
  )
}

function EndpointForm({ onCreated }: { readonly onCreated: (created: Created) => void }) {
  const [problem, setProblem] = useState<Problem>()
  const { change, isChanging } = useChange(CreateEndpointDocument, ({ createWebhookEndpoint }) => createWebhookEndpoint)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const outcome = await change({ input: endpointValues(event.currentTarget) })
    if (outcome.kind === 'failed') setProblem(outcome.problem)
    else onCreated(outcome.value)
  }
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <EndpointFields problem={problem} />
      <div className="dialog-actions">
        <Button look="primary" type="submit" isBusy={isChanging}>
          Create the webhook
        </Button>
      </div>
    </form>
  )
}
