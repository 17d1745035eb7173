import { type FormEvent, useState } from 'react'
import { UpdateSourceDocument, type UpdateSourceInput } from '../../../../../generated/graphql/graphql.ts'
import type { Problem } from '../../../connection/problem.ts'
import { useChange } from '../../../connection/reading.ts'
import { Button } from '../../../parts/controls/button.tsx'
import { TextField } from '../../../parts/controls/field.tsx'
import { showToast } from '../../../parts/messages/toast.tsx'
import { Card } from '../../../parts/surface/card.tsx'
import type { SourcePartProps } from './source-part-props.ts'
import './source-settings.css'

interface Draft {
  readonly name?: string
  readonly secret?: string
  readonly header?: string
}

/** Changes the name and the secret of a source; what was entered stays until it is saved. */
export function SourceSettings({ source, onChanged }: SourcePartProps) {
  const [draft, setDraft] = useState<Draft>({})
  const [problem, setProblem] = useState<Problem>()
  const { change, isChanging } = useChange(UpdateSourceDocument, ({ updateSource }) => updateSource)
  const update = async (changes: Omit<UpdateSourceInput, 'id'>) => {
    const outcome = await change({ input: { id: source.id, ...changes } })
    setProblem(outcome.kind === 'failed' ? outcome.problem : undefined)
    if (outcome.kind === 'failed') return
    setDraft({})
    showToast('Saved.', 'good')
    onChanged()
  }
  const save = (event: FormEvent) => {
    event.preventDefault()
    void update(changesOf(draft))
  }
  const problemAt = (path: string) => problem?.issues.find((issue) => issue.path.startsWith(path))?.message
  return (
    <Card title="Name and secret">
      <form className="stack source-settings" onSubmit={save}>
        <TextField
          label="Name"
          required
          autoComplete="off"
          value={draft.name ?? source.name}
          onChange={({ target }) => setDraft({ ...draft, name: target.value })}
          problem={problemAt('name')}
        />
        <TextField
          label="New secret"
          type="password"
          autoComplete="new-password"
          value={draft.secret ?? ''}
          onChange={({ target }) => setDraft({ ...draft, secret: target.value })}
          hint="Left empty, the secret stays as it is. A replaced one stays valid for 24 hours."
          problem={problemAt('secret')}
        />
        {source.kind === 'GENERIC' && (
          <TextField
            label="Header of the secret"
            placeholder="X-Webhook-Secret"
            autoComplete="off"
            value={draft.header ?? source.header ?? ''}
            onChange={({ target }) => setDraft({ ...draft, header: target.value })}
            problem={problemAt('header')}
          />
        )}
        {problem && problem.issues.length === 0 && <p role="alert">{problem.message}</p>}
        <div className="page-actions">
          <Button type="submit" isBusy={isChanging}>
            Save
          </Button>
          {source.verified && (
            <Button look="danger" isBusy={isChanging} onClick={() => void update({ secret: null })}>
              Remove the secret
            </Button>
          )}
        </div>
      </form>
    </Card>
  )
}

/** Returns only what was entered, so that nothing that others have changed is overwritten. */
function changesOf({ name, secret, header }: Draft): Omit<UpdateSourceInput, 'id'> {
  return {
    ...(name !== undefined && { name: name.trim() }),
    ...(secret && { secret }),
    ...(header !== undefined && { header: header.trim() || null }),
  }
}
