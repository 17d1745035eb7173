import { type FormEvent, useState } from 'react'
import { EditLeadDocument } from '../../../../../generated/graphql/graphql.ts'
import type { Problem } from '../../../connection/problem.ts'
import { useChange } from '../../../connection/reading.ts'
import { useMay } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { Field, TextField } from '../../../parts/controls/field.tsx'
import { Dialog } from '../../../parts/messages/dialog.tsx'
import { showToast } from '../../../parts/messages/toast.tsx'
import { useStages } from '../list/changes/use-stages.ts'
import { editOf, parseMetadata } from './lead-edit.ts'
import type { LeadDetails } from './use-lead.ts'

interface EditLeadProps {
  readonly lead: LeadDetails
  readonly reload: () => void
  readonly onClose: () => void
}

const conflict =
  'Someone else has changed this lead meanwhile. You now see its current state; your change was not saved. Save again to keep yours.'

/** Edits a lead in the version that is shown, and never overwrites a newer one. */
export function EditLead({ lead, reload, onClose }: EditLeadProps) {
  const [problem, setProblem] = useState<Problem>()
  const [base, setBase] = useState(lead)
  const { change, isChanging } = useChange(EditLeadDocument, ({ updateContact }) => updateContact)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const metadata = parseMetadata(String(fields.get('metadata')))
    if (metadata === undefined) return setProblem(metadataProblem)
    const outcome = await change({ input: editOf(base, fields, metadata) })
    if (outcome.kind === 'failed') return refuse(outcome.problem)
    showToast('Saved.', 'good')
    reload()
    onClose()
  }
  const refuse = (refused: Problem) => {
    setProblem(refused.code === 'CONFLICT' ? { ...refused, message: conflict, issues: [] } : refused)
    if (refused.code === 'CONFLICT') reload()
  }
  // After a conflict the version that is shown is the one to change.
  if (problem?.message === conflict && base.version !== lead.version) setBase(lead)
  return (
    <Dialog title="Edit the lead" place="side" onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <Fields lead={lead} problem={problem} />
        {problem && problem.issues.length === 0 && <p role="alert">{problem.message}</p>}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" isBusy={isChanging}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

const metadataProblem: Problem = {
  code: 'INVALID',
  message: '',
  issues: [{ path: 'fields.metadata', message: 'a JSON object is expected, such as {"plan": "pro"}' }],
}

interface FieldsProps {
  readonly lead: LeadDetails
  readonly problem: Problem | undefined
}

function Fields({ lead, problem }: FieldsProps) {
  const maySee = useMay('PII_READ')
  const stages = useStages([lead])
  const problemAt = (path: string) => problem?.issues.find((issue) => issue.path.endsWith(path))?.message
  return (
    <>
      {maySee && (
        <TextField label="E-mail" name="email" required defaultValue={lead.email} problem={problemAt('email')} />
      )}
      <TextField label="First name" name="firstName" defaultValue={lead.firstName ?? ''} problem={problemAt('Name')} />
      <TextField label="Last name" name="lastName" defaultValue={lead.lastName ?? ''} />
      <TextField
        label="Stage"
        name="stage"
        required
        list="lead-stages"
        defaultValue={lead.stage}
        problem={problemAt('stage')}
      />
      <datalist id="lead-stages">
        {stages.map((stage) => (
          <option key={stage} value={stage} />
        ))}
      </datalist>
      <TextField label="Source" name="source" defaultValue={lead.source ?? ''} problem={problemAt('source')} />
      <Field
        label="Metadata"
        hint="A JSON object. A key that is missing here is removed."
        problem={problemAt('metadata')}
      >
        {(control) => (
          <textarea
            {...control}
            name="metadata"
            rows={6}
            spellCheck={false}
            defaultValue={JSON.stringify(lead.metadata, null, 2)}
          />
        )}
      </Field>
    </>
  )
}
