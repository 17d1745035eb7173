import { type FormEvent, useState } from 'react'
import { CreateSourceDocument, type SourceKind } from '../../../../../generated/graphql/graphql.ts'
import type { Problem } from '../../../connection/problem.ts'
import { useChange } from '../../../connection/reading.ts'
import { Button } from '../../../parts/controls/button.tsx'
import { TextField } from '../../../parts/controls/field.tsx'
import { Dialog } from '../../../parts/messages/dialog.tsx'
import { navigate } from '../../../routing/fragment-location.ts'
import { ToolChoice } from './tool-choice.tsx'

/** Creates a source from its tool, name and secret, and opens it. */
export function CreateSource({ onClose }: { readonly onClose: () => void }) {
  const [kind, setKind] = useState<SourceKind>('GENERIC')
  const [problem, setProblem] = useState<Problem>()
  const { change, isChanging } = useChange(CreateSourceDocument, ({ createSource }) => createSource)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const name = String(fields.get('name') ?? '').trim()
    const secret = String(fields.get('secret') ?? '') || null
    const outcome = await change({ input: { kind, name, secret } })
    if (outcome.kind === 'failed') return setProblem(outcome.problem)
    onClose()
    navigate(`/sources/${outcome.value.id}`)
  }
  const problemAt = (path: string) => problem?.issues.find((issue) => issue.path.startsWith(path))?.message
  return (
    <Dialog title="Add a source" onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <ToolChoice kind={kind} onChange={setKind} />
        <TextField
          label="Name"
          name="name"
          required
          placeholder="Pricing page"
          autoComplete="off"
          problem={problemAt('name')}
        />
        <TextField
          label="Secret (optional)"
          name="secret"
          type="password"
          autoComplete="new-password"
          hint="With the secret that the tool signs with, forged requests are refused."
          problem={problemAt('secret')}
        />
        {problem && problem.issues.length === 0 && <p role="alert">{problem.message}</p>}
        <div className="dialog-actions">
          <Button look="primary" type="submit" isBusy={isChanging}>
            Add
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
