import { TriangleAlert } from 'lucide-react'
import { Link } from 'wouter'
import type { AttentionQuery } from '../../../../generated/graphql/graphql.ts'
import { countText } from '../../parts/values/numbers.ts'
import { Untrusted } from '../../parts/values/untrusted.tsx'
import './attention.css'

interface AttentionProps {
  readonly attention: AttentionQuery['attention'] | undefined
}

/** What waits for a person; nothing if nothing does. */
export function Attention({ attention }: AttentionProps) {
  const held = attention?.held?.value ?? 0
  const [sources, endpoints] = [attention?.heldOfSources ?? [], attention?.failingEndpoints ?? []]
  if (held === 0 && sources.length === 0 && endpoints.length === 0) return null
  return (
    <section className="attention" aria-label="Needs a person">
      <TriangleAlert size={18} aria-hidden />
      <ul>
        {held > 0 && (
          <li>
            <Link href="/held">{heldText(held, attention?.held?.precision === 'AT_LEAST')}</Link>
          </li>
        )}
        {sources.map(({ source, held: count }) => (
          <li key={source?.id ?? 'deleted'}>
            <Link href={source ? `/sources/${source.id}` : '/held'}>
              <Untrusted text={source?.name ?? 'A deleted source'} /> holds {countText(count.value)}, perhaps for want
              of a mapping
            </Link>
          </li>
        ))}
        {endpoints.map(({ endpoint, failures }) => (
          <li key={endpoint?.id ?? 'deleted'}>
            <Link href={endpoint ? `/webhooks/${endpoint.id}` : '/webhooks'}>
              <Untrusted text={endpoint?.url ?? 'A deleted webhook'} /> failed {countText(failures)} times in a row
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}

function heldText(count: number, isMore: boolean): string {
  const number = `${countText(count)}${isMore ? '+' : ''}`
  return count === 1 ? '1 submission is held' : `${number} submissions are held`
}
