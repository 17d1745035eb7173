import { Link } from 'wouter'
import type { EndpointFragment } from '../../../../../generated/graphql/graphql.ts'
import { Untrusted } from '../../../parts/values/untrusted.tsx'
import { EndpointState } from '../endpoint-state.tsx'
import { HealthLine } from '../health-line.tsx'
import { LastError } from '../last-error.tsx'
import { latencyText } from '../words.ts'
import './endpoint-row.css'

export function EndpointRow({ endpoint }: { readonly endpoint: EndpointFragment }) {
  const { id, url, description, events } = endpoint
  return (
    <tr data-id={id}>
      <td className="endpoint-url">
        <Link href={`/webhooks/${id}`}>
          <Untrusted text={url} />
        </Link>
        {description !== null && (
          <p className="soft">
            <Untrusted text={description} />
          </p>
        )}
      </td>
      <td>
        <EndpointState endpoint={endpoint} />
      </td>
      <td className="numbers">
        <HealthLine endpoint={endpoint} />
      </td>
      <td className="numbers">{latencyText(endpoint)}</td>
      <td className="endpoint-error">
        <LastError endpoint={endpoint} />
      </td>
      <td>{events.join(', ')}</td>
    </tr>
  )
}
