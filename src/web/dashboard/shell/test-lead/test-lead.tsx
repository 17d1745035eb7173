import { useEffect, useEffectEvent } from 'react'
import { Button } from '../../parts/controls/button.tsx'
import { Dialog } from '../../parts/messages/dialog.tsx'
import { StepList } from './step-list.tsx'
import { useTestLead } from './use-test-lead.ts'

/** Sends a lead the whole way when it opens, and shows each step with its time. */
export function TestLead({ onClose }: { readonly onClose: () => void }) {
  const { steps, leadId, problem, isRunning, send } = useTestLead()
  const sendFirst = useEffectEvent(send)
  useEffect(() => void sendFirst(), [])
  return (
    <Dialog title="Send a test lead" place="side" onClose={onClose}>
      <p className="soft">
        A lead that Rex makes up goes the way of every lead, also to your webhooks. Its source is <code>rex-test</code>.
      </p>
      <StepList steps={steps} />
      {problem !== undefined && <p role="alert">{problem}</p>}
      {leadId !== undefined && (
        <a href={`#/leads/${leadId}`} onClick={onClose}>
          Open the lead
        </a>
      )}
      <Button look="primary" isBusy={isRunning} onClick={() => void send()}>
        Send another
      </Button>
    </Dialog>
  )
}
