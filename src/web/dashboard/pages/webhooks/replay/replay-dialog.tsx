import { type FormEvent, useState } from 'react'
import {
  type DeliveryStatus,
  type ReplayDeliveriesInput,
  ReplayRangeDocument,
} from '../../../../../generated/graphql/graphql.ts'
import type { Problem } from '../../../connection/problem.ts'
import { useChange } from '../../../connection/reading.ts'
import { Button } from '../../../parts/controls/button.tsx'
import { Dialog } from '../../../parts/messages/dialog.tsx'
import { countText } from '../../../parts/values/numbers.ts'
import { ReplayFields } from './replay-fields.tsx'
import { ReplayProgress } from './replay-progress.tsx'

const replayable: readonly DeliveryStatus[] = ['FAILED', 'HELD', 'CANCELED', 'SUCCEEDED']

interface ReplayDialogProps {
  readonly endpointId: string
  readonly onClose: () => void
}

interface Counted {
  readonly input: ReplayDeliveriesInput
  readonly matched: number
}

/** Sends the events of a time range again: first counts them, then asks. */
export function ReplayDialog({ endpointId, onClose }: ReplayDialogProps) {
  const [counted, setCounted] = useState<Counted>()
  const [problem, setProblem] = useState<Problem>()
  const [replayId, setReplayId] = useState<string>()
  const { change, isChanging } = useChange(ReplayRangeDocument, ({ replayDeliveries }) => replayDeliveries)
  const run = async (input: ReplayDeliveriesInput) => {
    const outcome = await change({ input })
    setProblem(outcome.kind === 'failed' ? outcome.problem : undefined)
    return outcome.kind === 'done' ? outcome.value : undefined
  }
  const count = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const input = inputOf(endpointId, event.currentTarget)
    const result = await run({ ...input, dryRun: true })
    if (result) setCounted({ input, matched: result.matched })
  }
  const replay = async (input: ReplayDeliveriesInput) => {
    const result = await run(input)
    if (result) setReplayId(result.replayId ?? undefined)
  }
  if (replayId !== undefined)
    return (
      <Dialog title="Replay" onClose={onClose}>
        <ReplayProgress id={replayId} />
      </Dialog>
    )
  return (
    <Dialog title="Replay" onClose={onClose}>
      <form className="stack" onSubmit={(event) => void count(event)} onChange={() => setCounted(undefined)}>
        <ReplayFields problem={problem} />
        <div className="dialog-actions">
          <Button type="submit" isBusy={isChanging && counted === undefined}>
            Count
          </Button>
        </div>
      </form>
      {counted && <Confirmation counted={counted} isBusy={isChanging} onConfirm={() => void replay(counted.input)} />}
    </Dialog>
  )
}

interface ConfirmationProps {
  readonly counted: Counted
  readonly isBusy: boolean
  readonly onConfirm: () => void
}

function Confirmation({ counted: { matched }, isBusy, onConfirm }: ConfirmationProps) {
  if (matched === 0) return <p role="status">No event of this range matches.</p>
  const events = matched === 1 ? '1 event' : `${countText(matched)} events`
  return (
    <div className="stack">
      <p role="status">{events} would be sent again. Your program recognizes them by their ids.</p>
      <div className="dialog-actions">
        <Button look="primary" isBusy={isBusy} onClick={onConfirm}>
          Replay {events}
        </Button>
      </div>
    </div>
  )
}

function inputOf(endpointId: string, form: HTMLFormElement): ReplayDeliveriesInput {
  const fields = new FormData(form)
  const time = (name: string) => String(fields.get(name) ?? '')
  const chosen = fields.getAll('status').map(String)
  return {
    endpointId,
    from: new Date(time('from')).toISOString(),
    ...(time('to') !== '' && { to: new Date(time('to')).toISOString() }),
    status: replayable.filter((status) => chosen.includes(status)),
    includeNeverSent: fields.has('includeNeverSent'),
  }
}
