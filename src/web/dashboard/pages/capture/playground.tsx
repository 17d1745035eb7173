import { useState } from 'react'
import { StoredLeadDocument } from '../../../../generated/graphql/graphql.ts'
import { useReading } from '../../connection/reading.ts'
import { useMay } from '../../connection/signed-in.tsx'
import { Button } from '../../parts/controls/button.tsx'
import { Field } from '../../parts/controls/field.tsx'
import { Badge } from '../../parts/surface/badge.tsx'
import { Card } from '../../parts/surface/card.tsx'
import { CodeBlock } from '../../parts/values/code-block.tsx'
import { type CaptureResponse, postCapture } from './post-capture.ts'

const example = JSON.stringify(
  { email: 'jane@example.com', name: 'Jane Doe', source: 'playground', 'Job title': 'Engineer' },
  null,
  2,
)

/** Posts a body as a visitor would, and shows the response and the stored lead. */
export function Playground() {
  const [body, setBody] = useState(example)
  const [response, setResponse] = useState<CaptureResponse>()
  const [isSending, setSending] = useState(false)
  const mayRead = useMay('PII_READ')
  const send = async () => {
    setSending(true)
    setResponse(await postCapture(body))
    setSending(false)
  }
  return (
    <Card title="Playground">
      <div className="stack">
        <Field label="Body" hint="It is posted without a key, as a visitor does.">
          {(control) => (
            <textarea
              {...control}
              className="control code"
              rows={8}
              spellCheck={false}
              value={body}
              onChange={({ target }) => setBody(target.value)}
            />
          )}
        </Field>
        <div>
          <Button look="primary" isBusy={isSending} onClick={() => void send()}>
            Send
          </Button>
        </div>
        {response && <ResponseView response={response} />}
        {response?.email !== undefined && mayRead && <StoredLead key={response.nth} email={response.email} />}
      </div>
    </Card>
  )
}

function ResponseView({ response: { status, text, ms } }: { readonly response: CaptureResponse }) {
  return (
    <section aria-label="Response" className="stack">
      <p>
        <Badge tone={status === 201 ? 'good' : 'bad'}>{status === 0 ? 'no response' : status}</Badge>{' '}
        <span className="soft">{`${ms} ms`}</span>
      </p>
      <CodeBlock label="Response body" text={text} />
    </section>
  )
}

function StoredLead({ email }: { readonly email: string }) {
  const { data } = useReading(StoredLeadDocument, { email })
  if (!data) return null
  const { contact } = data
  if (contact === null || contact === undefined)
    return <p className="soft">No lead has this e-mail: what was posted is held, or counts as spam.</p>
  return (
    <section aria-label="Stored lead" className="stack">
      <h3>Stored lead</h3>
      <CodeBlock label="Stored lead as JSON" text={JSON.stringify(contact, null, 2)} />
      <a href={`#/leads/${contact.id}`}>Open the lead</a>
    </section>
  )
}
