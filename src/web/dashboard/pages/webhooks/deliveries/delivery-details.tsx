import { useState } from 'react'
import { DeliveryDetailsDocument } from '../../../../../generated/graphql/graphql.ts'
import { useReading } from '../../../connection/reading.ts'
import { useLive, useMay } from '../../../connection/signed-in.tsx'
import { Choice } from '../../../parts/controls/choice.tsx'
import { Dialog } from '../../../parts/messages/dialog.tsx'
import { EmptyState, Failure } from '../../../parts/surface/empty-state.tsx'
import { Skeleton } from '../../../parts/surface/skeleton.tsx'
import { AttemptRequest, AttemptResponse, type Details } from './attempt-sides.tsx'
import { RetryButton } from './delivery-row.tsx'
import { DeliveryState } from './delivery-state.tsx'
import './delivery-details.css'

interface DeliveryDetailsProps {
  readonly id: string
  readonly onClose: () => void
}

/** A delivery with each attempt: the request and the response beside each other. */
export function DeliveryDetails({ id, onClose }: DeliveryDetailsProps) {
  const withEvents = useMay('EVENTS_READ')
  const { data, problem, reload } = useReading(DeliveryDetailsDocument, { id, withEvents })
  useLive('deliveries', (delivery) => {
    if (delivery.id === id) reload()
  })
  useLive('deliveryGaps', reload)
  const delivery = data?.delivery
  return (
    <Dialog title="Delivery" place="side" onClose={onClose}>
      {delivery && <Attempts delivery={delivery} />}
      {delivery === null && <EmptyState title="This delivery does not exist, or no longer exists." />}
      {!data && (problem ? <Failure message={problem.message} onRetry={reload} /> : <Skeleton lines={6} />)}
    </Dialog>
  )
}

function Attempts({ delivery }: { readonly delivery: Details }) {
  const { id, status, event, attempts } = delivery
  const [chosen, setChosen] = useState<string>()
  const attempt = attempts.find(({ number }) => String(number) === chosen) ?? attempts.at(-1)
  const options = attempts.map(({ number }) => ({ value: String(number), name: String(number) }))
  return (
    <div className="delivery-details stack">
      <p className="delivery-line">
        <DeliveryState status={status} /> {event?.type} <code>{id}</code>
        {(status === 'FAILED' || status === 'RETRYING') && <RetryButton id={id} />}
      </p>
      {attempts.length > 1 && attempt && (
        <Choice label="Attempt" options={options} value={String(attempt.number)} onChange={setChosen} />
      )}
      {attempt ? (
        <div className="attempt-sides">
          <AttemptRequest delivery={delivery} attempt={attempt} />
          <AttemptResponse attempt={attempt} />
        </div>
      ) : (
        <EmptyState title="It was not attempted yet." />
      )}
    </div>
  )
}
