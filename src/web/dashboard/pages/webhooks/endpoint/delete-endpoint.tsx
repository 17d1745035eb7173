import { useLocation } from 'wouter'
import { DeleteEndpointDocument, type EndpointFragment } from '../../../../../generated/graphql/graphql.ts'
import { useChange } from '../../../connection/reading.ts'
import { ConfirmDialog } from '../../../parts/messages/confirm-dialog.tsx'
import { showToast } from '../../../parts/messages/toast.tsx'

interface DeleteEndpointProps {
  readonly endpoint: EndpointFragment
  readonly onClose: () => void
}

/** Deletes a webhook after a confirmation, and returns to the list. */
export function DeleteEndpoint({ endpoint: { id }, onClose }: DeleteEndpointProps) {
  const [, navigate] = useLocation()
  const { change, isChanging } = useChange(DeleteEndpointDocument, ({ deleteWebhookEndpoint }) => deleteWebhookEndpoint)
  const remove = async () => {
    const outcome = await change({ id })
    onClose()
    if (outcome.kind === 'failed') return showToast(outcome.problem.message, 'bad')
    showToast('The webhook is deleted.', 'good')
    navigate('/webhooks')
  }
  return (
    <ConfirmDialog
      title="Delete this webhook?"
      action="Delete permanently"
      isBusy={isChanging}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      This cancels its open deliveries and cannot be undone. To stop it for a while, pause it.
    </ConfirmDialog>
  )
}
