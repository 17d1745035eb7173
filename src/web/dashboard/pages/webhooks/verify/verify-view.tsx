import { useState } from 'react'
import type { EndpointFragment } from '../../../../../generated/graphql/graphql.ts'
import { Choice } from '../../../parts/controls/choice.tsx'
import { Card } from '../../../parts/surface/card.tsx'
import { CodeBlock } from '../../../parts/values/code-block.tsx'
import { SignatureDebugger } from './signature-debugger.tsx'
import { type VerifyingCode, verifyingCode } from './verifying-code.ts'
import './verify-view.css'

type Language = VerifyingCode['language']

const languages = verifyingCode.map(({ language }) => ({ value: language, name: language }))

/** Verifies the signatures of a webhook: code for a program, and a check by hand. */
export function VerifyView({ endpoint }: { readonly endpoint: EndpointFragment }) {
  const [language, setLanguage] = useState<Language>('Node')
  const code = verifyingCode.find((each) => each.language === language)?.code ?? ''
  return (
    <div className="verify">
      <Card
        title="Verify in your program"
        actions={<Choice<Language> label="Language" options={languages} value={language} onChange={setLanguage} />}
      >
        <div className="stack">
          <CodeBlock label="Header of each request" text={headerOf(endpoint)} />
          <CodeBlock label={`${language} code`} text={code} />
        </div>
      </Card>
      <SignatureDebugger secretHint={endpoint.secretHint} />
    </div>
  )
}

function headerOf({ previousSecretExpiresAt }: EndpointFragment): string {
  const isRotating = previousSecretExpiresAt !== null && new Date(previousSecretExpiresAt).getTime() > Date.now()
  return `X-Rex-Signature: t=${Math.floor(Date.now() / 1000)},v1=…${isRotating ? ',v1n=…' : ''}`
}
