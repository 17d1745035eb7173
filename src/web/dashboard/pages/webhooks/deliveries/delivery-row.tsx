import { type DeliveryFragment, RetryDeliveryDocument } from '../../../../../generated/graphql/graphql.ts'
import { useChange } from '../../../connection/reading.ts'
import { useMay } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { showToast } from '../../../parts/messages/toast.tsx'
import { RelativeTime } from '../../../parts/values/relative-time.tsx'
import { Untrusted } from '../../../parts/values/untrusted.tsx'
import { resultText } from '../words.ts'
import { DeliveryState } from './delivery-state.tsx'

interface DeliveryRowProps {
  readonly delivery: DeliveryFragment
  readonly onOpen: () => void
}

export function DeliveryRow({ delivery, onOpen }: DeliveryRowProps) {
  const { id, event, status, attemptCount, attempts, nextAttemptAt, createdAt } = delivery
  const last = attempts.at(-1)
  return (
    <tr data-id={id}>
      <td>
        <Button look="quiet" className="delivery-open" onClick={onOpen}>
          {event?.type ?? 'an event'}
        </Button>
      </td>
      <td>
        <DeliveryState status={status} />
      </td>
      <td className="numbers">{attemptCount}</td>
      <td className="delivery-error">{last && <Untrusted text={resultText(last)} />}</td>
      <td>{nextAttemptAt !== null && <RelativeTime at={nextAttemptAt} />}</td>
      <td>
        <RelativeTime at={createdAt} />
      </td>
      <td>{(status === 'FAILED' || status === 'RETRYING') && <RetryButton id={id} />}</td>
    </tr>
  )
}

/** Sends a delivery again now; nothing for a key that may not. */
export function RetryButton({ id }: { readonly id: string }) {
  const [mayWrite, withEvents] = [useMay('WEBHOOKS_WRITE'), useMay('EVENTS_READ')]
  const { change, isChanging } = useChange(RetryDeliveryDocument, ({ retryDelivery }) => retryDelivery)
  const retry = async () => {
    const outcome = await change({ id, withEvents })
    if (outcome.kind === 'failed') showToast(outcome.problem.message, 'bad')
  }
  if (!mayWrite) return null
  return (
    <Button isBusy={isChanging} onClick={() => void retry()}>
      Retry
    </Button>
  )
}
