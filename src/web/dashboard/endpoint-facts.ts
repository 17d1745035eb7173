import type { EndpointFragment } from '../../generated/graphql/graphql.ts'
import { badge } from './badge.ts'
import { type Child, element, moment, untrustedText } from './element.ts'

/** Returns a summary of the endpoint's deliveries in the last 24 hours. */
export function healthSummary({ successRate24h: rate, p95LatencyMs24h: latency }: EndpointFragment): string {
  if (rate === null) return 'nothing sent in 24 hours'
  const share = `${Math.floor(rate * 1000) / 10} % accepted`
  return latency === null ? share : `${share}, 95 % within ${latency.toLocaleString()} ms`
}

export function endpointFacts(endpoint: EndpointFragment): HTMLElement {
  const { description, events, status, disabledReason, secretHint, previousSecretExpiresAt, createdAt } = endpoint
  const facts: [string, Child][] = [
    ['Status', disabledReason ? [badge(status), ' ', untrustedText(disabledReason)] : badge(status)],
    ['Health', healthSummary(endpoint)],
    ['Events', events.join(', ')],
    ['Description', description ? untrustedText(description) : '–'],
    ['Secret', `ends with ${secretHint}`],
    ['Old secret valid until', moment(previousSecretExpiresAt)],
    ['Since', moment(createdAt)],
  ]
  const rows = facts.map(([name, value]) => [element('dt', {}, name), element('dd', {}, value)])
  return element('dl', { class: 'values' }, rows)
}
