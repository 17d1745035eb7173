import { type FormEvent, useState } from 'react'
import { CreateKeyDocument, type Scope } from '../../../../generated/graphql/graphql.ts'
import type { Problem } from '../../connection/problem.ts'
import { useChange } from '../../connection/reading.ts'
import { Button } from '../../parts/controls/button.tsx'
import { CheckList } from '../../parts/controls/check-list.tsx'
import { TextField } from '../../parts/controls/field.tsx'
import { SecretValue } from '../../parts/controls/secret-value.tsx'
import { Dialog } from '../../parts/messages/dialog.tsx'
import { scopeNames } from './scope-names.ts'

interface CreateKeyProps {
  readonly onCreated: () => void
  readonly onClose: () => void
}

/** Creates a key, and shows its text once. */
export function CreateKey({ onCreated, onClose }: CreateKeyProps) {
  const [token, setToken] = useState<string>()
  const created = (value: string) => {
    setToken(value)
    onCreated()
  }
  return (
    <Dialog title="Create a key" onClose={onClose}>
      {token === undefined ? <KeyForm onCreated={created} /> : <NewKey token={token} onClose={onClose} />}
    </Dialog>
  )
}

function NewKey({ token, onClose }: { readonly token: string; readonly onClose: () => void }) {
  return (
    <div className="stack">
      <p>Copy the key now. Rex stores only its hash and cannot show it again.</p>
      <SecretValue label="New API key" value={token} />
      <div className="dialog-actions">
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  )
}

function KeyForm({ onCreated }: { readonly onCreated: (token: string) => void }) {
  const [scopes, setScopes] = useState<readonly Scope[]>(['CAPTURE'])
  const [problem, setProblem] = useState<Problem>()
  const { change, isChanging } = useChange(CreateKeyDocument, ({ createApiKey }) => createApiKey)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const expires = String(fields.get('expires') ?? '')
    const input = {
      name: String(fields.get('name') ?? ''),
      scopes: [...scopes],
      ...(expires !== '' && { expiresAt: new Date(`${expires}T23:59:59`).toISOString() }),
    }
    const outcome = await change({ input })
    if (outcome.kind === 'failed') setProblem(outcome.problem)
    else onCreated(outcome.value.token)
  }
  const problemAt = (path: string) => problem?.issues.find((issue) => issue.path.startsWith(path))?.message
  const toggle = (scope: Scope) =>
    setScopes(scopes.includes(scope) ? scopes.filter((each) => each !== scope) : [...scopes, scope])
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <TextField label="Name" name="name" required maxLength={200} hint="Who uses it." problem={problemAt('name')} />
      <CheckList legend="Scopes">
        {scopeNames.map(({ scope, about }) => (
          <label key={scope}>
            <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
            <span>
              <code>{scope}</code> <span className="soft">{about}</span>
            </span>
          </label>
        ))}
      </CheckList>
      <TextField
        label="Last day"
        name="expires"
        type="date"
        hint="Left empty, it never expires."
        problem={problemAt('expiresAt')}
      />
      {problem && problem.issues.length === 0 && <p role="alert">{problem.message}</p>}
      {problemAt('scopes') !== undefined && <p role="alert">{problemAt('scopes')}</p>}
      <div className="dialog-actions">
        <Button look="primary" type="submit" isBusy={isChanging} disabled={scopes.length === 0}>
          Create the key
        </Button>
      </div>
    </form>
  )
}
