import type { EndpointFragment } from '../../../../generated/graphql/graphql.ts'
import { RelativeTime } from '../../parts/values/relative-time.tsx'
import { Untrusted } from '../../parts/values/untrusted.tsx'
import { resultText } from './words.ts'

/** Result of the last attempt of the newest delivery that is not accepted, in words. */
export function LastError({ endpoint }: { readonly endpoint: EndpointFragment }) {
  const attempt = endpoint.deliveries.nodes[0]?.attempts.at(-1)
  if (attempt === undefined) return <span className="soft">none</span>
  return (
    <>
      <Untrusted text={resultText(attempt)} /> <span className="soft">·</span> <RelativeTime at={attempt.startedAt} />
    </>
  )
}
