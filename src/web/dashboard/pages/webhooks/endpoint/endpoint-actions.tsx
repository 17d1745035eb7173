import { useState } from 'react'
import { ChangeEndpointDocument, type EndpointFragment } from '../../../../../generated/graphql/graphql.ts'
import { useChange } from '../../../connection/reading.ts'
import { useMay } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { ScopeNotice } from '../../../parts/messages/scope-notice.tsx'
import { showToast } from '../../../parts/messages/toast.tsx'
import { ReplayDialog } from '../replay/replay-dialog.tsx'
import { SendTestButton } from '../test/send-test-button.tsx'
import { DeleteEndpoint } from './delete-endpoint.tsx'
import { EditEndpoint } from './edit-endpoint.tsx'
import { RotateSecret } from './rotate-secret.tsx'

interface EndpointActionsProps {
  readonly endpoint: EndpointFragment
  readonly onChanged: () => void
}

/** Buttons that change a webhook, as far as the key may. */
export function EndpointActions({ endpoint, onChanged }: EndpointActionsProps) {
  const [open, setOpen] = useState<'edit' | 'rotate' | 'replay' | 'delete'>()
  const [mayWrite, mayReadPii] = [useMay('WEBHOOKS_WRITE'), useMay('PII_READ')]
  const close = () => setOpen(undefined)
  if (!mayWrite) return <ScopeNotice action="Changing this webhook" scope="WEBHOOKS_WRITE" />
  return (
    <div className="endpoint-actions">
      {mayReadPii && <SendTestButton endpointId={endpoint.id} />}
      <Button onClick={() => setOpen('edit')}>Edit</Button>
      <PauseButton endpoint={endpoint} onChanged={onChanged} />
      {mayReadPii && <Button onClick={() => setOpen('replay')}>Replay</Button>}
      {mayReadPii && <Button onClick={() => setOpen('rotate')}>Rotate the secret</Button>}
      <Button look="danger" onClick={() => setOpen('delete')}>
        Delete
      </Button>
      {open === 'edit' && <EditEndpoint endpoint={endpoint} onChanged={onChanged} onClose={close} />}
      {open === 'replay' && <ReplayDialog endpointId={endpoint.id} onClose={close} />}
      {open === 'rotate' && <RotateSecret id={endpoint.id} onChanged={onChanged} onClose={close} />}
      {open === 'delete' && <DeleteEndpoint endpoint={endpoint} onClose={close} />}
    </div>
  )
}

function PauseButton({ endpoint: { id, status }, onChanged }: EndpointActionsProps) {
  const { change, isChanging } = useChange(ChangeEndpointDocument, ({ updateWebhookEndpoint }) => updateWebhookEndpoint)
  const isEnabled = status === 'ENABLED'
  const toggle = async () => {
    const outcome = await change({ input: { id, enabled: !isEnabled } })
    if (outcome.kind === 'failed') return showToast(outcome.problem.message, 'bad')
    showToast(
      isEnabled ? 'Paused. Deliveries are held until it is enabled.' : 'Enabled. What was held is sent.',
      'good',
    )
    onChanged()
  }
  return (
    <Button isBusy={isChanging} onClick={() => void toggle()}>
      {isEnabled ? 'Pause' : 'Enable'}
    </Button>
  )
}
