import { SendTestDocument } from '../../../../../generated/graphql/graphql.ts'
import { useChange } from '../../../connection/reading.ts'
import { useMay } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { showToast } from '../../../parts/messages/toast.tsx'

/** Sends a test event, which appears among the deliveries. */
export function SendTestButton({ endpointId }: { readonly endpointId: string }) {
  const withEvents = useMay('EVENTS_READ')
  const { change, isChanging } = useChange(SendTestDocument, ({ sendTestEvent }) => sendTestEvent)
  const send = async () => {
    const outcome = await change({ endpointId, withEvents })
    if (outcome.kind === 'failed') showToast(outcome.problem.message, 'bad')
  }
  return (
    <Button look="primary" isBusy={isChanging} onClick={() => void send()}>
      Send a test event
    </Button>
  )
}
