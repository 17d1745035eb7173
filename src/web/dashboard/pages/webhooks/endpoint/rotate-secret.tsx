import { type FormEvent, useState } from 'react'
import { RotateSecretDocument } from '../../../../../generated/graphql/graphql.ts'
import type { Problem } from '../../../connection/problem.ts'
import { useChange } from '../../../connection/reading.ts'
import { Button } from '../../../parts/controls/button.tsx'
import { Field } from '../../../parts/controls/field.tsx'
import { SecretValue } from '../../../parts/controls/secret-value.tsx'
import { Dialog } from '../../../parts/messages/dialog.tsx'

const overlaps = [
  { hours: 24, name: 'for 24 hours' },
  { hours: 72, name: 'for 3 days' },
  { hours: 168, name: 'for 7 days' },
  { hours: 1, name: 'for 1 hour' },
  { hours: 0, name: 'no longer: it has leaked' },
]

interface RotateSecretProps {
  readonly id: string
  readonly onChanged: () => void
  readonly onClose: () => void
}

/** Replaces the secret, and shows the new one once. */
export function RotateSecret({ id, onChanged, onClose }: RotateSecretProps) {
  const [secret, setSecret] = useState<string>()
  const rotated = (value: string) => {
    setSecret(value)
    onChanged()
  }
  return (
    <Dialog title="Rotate the secret" onClose={onClose}>
      {secret === undefined ? (
        <RotateForm id={id} onRotated={rotated} />
      ) : (
        <NewSecret secret={secret} onClose={onClose} />
      )}
    </Dialog>
  )
}

function NewSecret({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  return (
    <div className="stack">
      <p>Copy the new secret now. Rex does not show it again.</p>
      <SecretValue label="Signing secret" value={secret} />
      <div className="dialog-actions">
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  )
}

interface RotateFormProps {
  readonly id: string
  readonly onRotated: (secret: string) => void
}

function RotateForm({ id, onRotated }: RotateFormProps) {
  const [problem, setProblem] = useState<Problem>()
  const { change, isChanging } = useChange(RotateSecretDocument, ({ rotateWebhookSecret }) => rotateWebhookSecret)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const overlapHours = Number(new FormData(event.currentTarget).get('overlap'))
    const outcome = await change({ id, overlapHours })
    if (outcome.kind === 'failed') setProblem(outcome.problem)
    else onRotated(outcome.value.secret)
  }
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <p>While both secrets are valid, requests are signed with both, so your program can change to the new one.</p>
      <Field label="The old secret is valid" problem={problem?.message}>
        {(control) => (
          <select {...control} name="overlap">
            {overlaps.map(({ hours, name }) => (
              <option key={hours} value={hours}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div className="dialog-actions">
        <Button look="primary" type="submit" isBusy={isChanging}>
          Rotate
        </Button>
      </div>
    </form>
  )
}
