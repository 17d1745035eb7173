import type { SourceDetailsFragment } from '../../../../../generated/graphql/graphql.ts'
import { SecretValue } from '../../../parts/controls/secret-value.tsx'
import { Card } from '../../../parts/surface/card.tsx'
import { toolOf, useSourceTools } from '../source-tools.ts'
import { StepText } from '../step-text.tsx'
import './source-setup.css'

/** URL of a source, and the steps that enter it in its tool. */
export function SourceSetup({ source: { kind, url } }: { readonly source: SourceDetailsFragment }) {
  const { title, setup } = toolOf(useSourceTools(), kind)
  return (
    <Card title="URL of the source">
      <div className="stack">
        <SecretValue label="URL of the source" value={url} />
        <div>
          <h3 className="setup-title">{`In ${kind === 'GENERIC' ? 'the tool' : title}`}</h3>
          <ol className="setup-steps">
            {setup.map((step) => (
              <li key={step}>
                <StepText text={step} />
              </li>
            ))}
          </ol>
        </div>
        <p className="soft">The URL is a secret: with it anybody can add leads to this source, and nothing else.</p>
      </div>
    </Card>
  )
}
