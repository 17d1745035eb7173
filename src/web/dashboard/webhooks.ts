import type { EndpointFragment } from '../../generated/graphql/graphql.ts'
import { throttleTrailing } from './backoff.ts'
import { badge } from './badge.ts'
import { type Child, element, scopeNotice, untrustedText } from './element.ts'
import { healthSummary } from './endpoint-facts.ts'
import { type Created, endpointForm } from './endpoint-form.ts'
import { entityIdOf } from './event-entity.ts'
import { createLivePages } from './live-pages.ts'
import { createRows, type Rows } from './rows.ts'
import { secretCard } from './secret-card.ts'
import type { ViewContext } from './view-context.ts'
import { webhookView } from './webhook.ts'

const healthEveryMs = 2000

/** Creates the list of webhooks, or the view of the webhook in the address. */
export function webhooksView(context: ViewContext, id: string): HTMLElement {
  return id === '' ? listView(context) : webhookView(context, id)
}

function listView(context: ViewContext): HTMLElement {
  const rows = createRows<EndpointFragment>({
    kind: 'endpoints',
    columns: ['URL', 'Status', 'Health', 'Events'],
    cells,
    isAbove: (one, other) => one.id > other.id,
    isStale: () => false,
  })
  const pages = createLivePages(rows, {
    signal: context.signal,
    read: async (after) => (await context.api.query('Endpoints', { after })).webhookEndpoints,
    emptyMessage: () => 'No webhooks yet.',
  })
  const secret = element('div')
  const created = ({ endpoint, secret: text }: Created) => {
    pages.put(endpoint)
    secret.replaceChildren(secretCard(text, 'Copy it now: it is not shown again.'))
    secret.querySelector('input')?.focus()
  }
  refreshHealth(context, rows)
  pages.restart()
  return element(
    'section',
    {},
    creation(context, created),
    secret,
    element('div', { class: 'wide' }, rows.node),
    pages.node,
  )
}

function creation(context: ViewContext, created: (made: Created) => void): HTMLElement {
  if (!context.may('WEBHOOKS_WRITE')) return scopeNotice('WEBHOOKS_WRITE', 'Creating a webhook')
  return context.may('PII_READ') ? endpointForm(context, created) : scopeNotice('PII_READ', 'Creating a webhook')
}

function cells(endpoint: EndpointFragment): Child[] {
  const { id, url, status, events } = endpoint
  return [
    element('th', { scope: 'row' }, element('a', { href: `#webhooks/${id}` }, untrustedText(url))),
    element('td', {}, badge(status)),
    element('td', {}, healthSummary(endpoint)),
    element('td', {}, events.join(', ')),
  ]
}

/** Reads endpoints again after a delivery or an event, and collects the changes of a short time. */
function refreshHealth({ api, live, signal }: ViewContext, rows: Rows<EndpointFragment>): void {
  const changed = new Set<string>()
  const read = async (id: string) => {
    const { webhookEndpoint } = await api.query('Endpoint', { id })
    if (webhookEndpoint && !signal.aborted) rows.put(webhookEndpoint)
  }
  const readChanged = throttleTrailing(healthEveryMs, () => {
    if (signal.aborted) return
    for (const id of changed) void read(id).catch(() => {}) // The next delivery triggers another read.
    changed.clear()
  })
  const note = (id: string | undefined) => {
    if (id === undefined || !rows.has(id)) return
    changed.add(id)
    readChanged()
  }
  live.deliveries.on(({ endpoint }) => note(endpoint?.id), signal)
  live.events.on((event) => note(entityIdOf(event)), signal)
}
