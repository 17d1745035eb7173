import { CircleCheck, CircleHelp, CircleX } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../../../parts/controls/button.tsx'
import { Field, TextField } from '../../../parts/controls/field.tsx'
import { Card } from '../../../parts/surface/card.tsx'
import { checkSignature, type Finding } from './check-signature.ts'

const icons = { right: CircleCheck, wrong: CircleX, unknown: CircleHelp }

/** Says which part of a request makes its signature wrong. It computes in the browser and sends nothing. */
export function SignatureDebugger({ secretHint }: { readonly secretHint: string }) {
  const [findings, setFindings] = useState<readonly Finding[]>()
  const check = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    // A form turns line breaks into CRLF, which would change the body.
    const text = (name: string) => String(fields.get(name) ?? '').replaceAll('\r\n', '\n')
    setFindings(
      await checkSignature({ headers: text('headers'), body: text('body'), secret: text('secret'), secretHint }),
    )
  }
  return (
    <Card title="Why is a signature wrong?">
      <form className="stack" onSubmit={(event) => void check(event)} onChange={() => setFindings(undefined)}>
        <p className="soft">
          Paste a request as your program received it. It is checked in this browser; nothing is sent.
        </p>
        <Field label="Headers" hint="At least X-Rex-Signature.">
          {(control) => <textarea {...control} name="headers" rows={4} required spellCheck={false} />}
        </Field>
        <Field label="Raw body">
          {(control) => <textarea {...control} name="body" rows={4} required spellCheck={false} />}
        </Field>
        <TextField label="Secret" name="secret" required autoComplete="off" hint={`Ends with ${secretHint}.`} />
        <div className="dialog-actions">
          <Button type="submit" disabled={!isSecureContext}>
            Check
          </Button>
        </div>
        {!isSecureContext && <p role="alert">Browsers compute signatures only on pages with https or on localhost.</p>}
      </form>
      <div role="status">{findings && <FindingList findings={findings} />}</div>
    </Card>
  )
}

function FindingList({ findings }: { readonly findings: readonly Finding[] }) {
  const isValid = findings.every(({ state }) => state === 'right')
  return (
    <div className="stack">
      <p>{isValid ? 'The signature is valid.' : 'The signature is not valid:'}</p>
      <ul className="findings">
        {findings.map(({ part, state, text }) => {
          const Icon = icons[state]
          return (
            <li key={part} data-state={state}>
              <Icon size={16} aria-label={state} />
              <strong>{part}</strong>
              <span>{text}</span>
            </li>
          )
        })}
      </ul>
    </div>
  )
}
