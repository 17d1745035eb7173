import type { ReactNode } from 'react'
import type { EndpointFragment } from '../../../../../generated/graphql/graphql.ts'
import { Card } from '../../../parts/surface/card.tsx'
import { RelativeTime } from '../../../parts/values/relative-time.tsx'
import { Untrusted } from '../../../parts/values/untrusted.tsx'
import { EndpointState } from '../endpoint-state.tsx'
import { HealthLine } from '../health-line.tsx'
import { LastError } from '../last-error.tsx'
import { latencyText } from '../words.ts'
import { Countdown } from './countdown.tsx'

/** State, health and settings of a webhook. */
export function EndpointFacts({ endpoint }: { readonly endpoint: EndpointFragment }) {
  const { disabledReason, events, secretHint, previousSecretExpiresAt, createdAt } = endpoint
  return (
    <Card>
      <dl className="endpoint-facts">
        <Fact name="State">
          <EndpointState endpoint={endpoint} /> {disabledReason !== null && <Untrusted text={disabledReason} />}
        </Fact>
        <Fact name="Success in 24 h">
          <HealthLine endpoint={endpoint} />
        </Fact>
        <Fact name="95 % within">{latencyText(endpoint)}</Fact>
        <Fact name="Last error">
          <LastError endpoint={endpoint} />
        </Fact>
        <Fact name="Events">{events.join(', ')}</Fact>
        <Fact name="Secret">
          ends with <code>{secretHint}</code>
          {previousSecretExpiresAt !== null && (
            <Countdown key={previousSecretExpiresAt} until={previousSecretExpiresAt} />
          )}
        </Fact>
        <Fact name="Created">
          <RelativeTime at={createdAt} />
        </Fact>
      </dl>
    </Card>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
