import type { EndpointFragment } from '../../generated/graphql/graphql.ts'
import { badge } from './badge.ts'
import { type Child, element, foreign, moment } from './element.ts'

/** How its deliveries went within a day. */
export function healthOf({ successRate24h: rate, p95LatencyMs24h: latency }: EndpointFragment): string {
  if (rate === null) return 'nothing sent in 24 hours'
  const share = `${Math.floor(rate * 1000) / 10} % accepted`
  return latency === null ? share : `${share}, 95 % within ${latency.toLocaleString()} ms`
}

export function endpointFacts(endpoint: EndpointFragment): HTMLElement {
  const { description, events, status, disabledReason, secretHint, previousSecretExpiresAt, createdAt } = endpoint
  const facts: [string, Child][] = [
    ['Status', disabledReason ? [badge(status), ' ', foreign(disabledReason)] : badge(status)],
    ['Health', healthOf(endpoint)],
    ['Events', events.join(', ')],
    ['Description', description ? foreign(description) : '–'],
    ['Secret', `ends with ${secretHint}`],
    ['Old secret holds until', moment(previousSecretExpiresAt)],
    ['Since', moment(createdAt)],
  ]
  const rows = facts.map(([name, value]) => [element('dt', {}, name), element('dd', {}, value)])
  return element('dl', { class: 'values' }, rows)
}
