import { Button } from '../../parts/controls/button.tsx'
import { Dialog } from '../../parts/messages/dialog.tsx'
import { StepList } from './step-list.tsx'
import { useTestLead } from './use-test-lead.ts'

/** Sends a lead the whole way, and shows each step with its time. */
export function TestLead({ onClose }: { readonly onClose: () => void }) {
  const { steps, problem, isRunning, send } = useTestLead()
  return (
    <Dialog title="Send a test lead" place="side" onClose={onClose}>
      <p className="soft">A lead that Rex makes up goes the same way as every lead, from its capture to you.</p>
      <StepList steps={steps} />
      {problem !== undefined && <p role="alert">{problem}</p>}
      <Button look="primary" isBusy={isRunning} onClick={() => void send()}>
        {steps.every(({ ms }) => ms === undefined) ? 'Send' : 'Send another'}
      </Button>
    </Dialog>
  )
}
