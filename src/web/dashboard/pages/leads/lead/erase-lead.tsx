import { type FormEvent, useState } from 'react'
import { EraseLeadDocument } from '../../../../../generated/graphql/graphql.ts'
import { useChange } from '../../../connection/reading.ts'
import { Button } from '../../../parts/controls/button.tsx'
import { TextField } from '../../../parts/controls/field.tsx'
import { Dialog } from '../../../parts/messages/dialog.tsx'
import { showToast } from '../../../parts/messages/toast.tsx'
import { Untrusted } from '../../../parts/values/untrusted.tsx'
import type { LeadDetails } from './use-lead.ts'

interface EraseLeadProps {
  readonly lead: LeadDetails
  readonly onErased: () => void
  readonly onClose: () => void
}

/** Erases a person for good, once the e-mail is typed as it is shown. */
export function EraseLead({ lead, onErased, onClose }: EraseLeadProps) {
  const [typed, setTyped] = useState('')
  const { change, isChanging } = useChange(EraseLeadDocument, ({ eraseContact }) => eraseContact)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const outcome = await change({ id: lead.id })
    if (outcome.kind === 'failed') return showToast(outcome.problem.message, 'bad')
    showToast('The lead is erased.', 'good')
    onErased()
  }
  return (
    <Dialog title="Erase this lead" onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <p>
          Everything that is stored about <Untrusted text={lead.email} /> is removed for good: the lead, what it posted,
          and its events. Webhooks that know it get <code>contact.erased</code>. This cannot be undone.
        </p>
        <TextField
          label="Type the e-mail to confirm"
          autoComplete="off"
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="danger"
            type="submit"
            isBusy={isChanging}
            disabled={typed.trim().toLowerCase() !== lead.email.toLowerCase()}
          >
            Erase for good
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
