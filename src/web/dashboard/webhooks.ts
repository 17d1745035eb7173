import type { EndpointFragment } from '../../generated/graphql/graphql.ts'
import { badge } from './badge.ts'
import { type Child, element, foreign, needs } from './element.ts'
import { healthOf } from './endpoint-facts.ts'
import { type Created, endpointForm } from './endpoint-form.ts'
import { createLivePages } from './live-pages.ts'
import { gathered } from './pause.ts'
import type { Rex } from './rex.ts'
import { createRows, type Rows } from './rows.ts'
import { secretCard } from './secret-card.ts'
import { subjectOf } from './subject.ts'
import { webhookView } from './webhook.ts'

const healthEveryMs = 2000

/** The webhooks, or the one that the address names. */
export function webhooksView(rex: Rex, id: string): HTMLElement {
  return id === '' ? listView(rex) : webhookView(rex, id)
}

function listView(rex: Rex): HTMLElement {
  const rows = createRows<EndpointFragment>({
    kind: 'endpoints',
    columns: ['URL', 'Status', 'Health', 'Events'],
    cells,
    isAbove: (one, other) => one.id > other.id,
    isStale: () => false,
  })
  const pages = createLivePages(rows, {
    signal: rex.signal,
    read: async (after) => (await rex.api.ask('Endpoints', { after })).webhookEndpoints,
    emptyWord: () => 'No webhook yet.',
  })
  const secret = element('div')
  const created = ({ endpoint, secret: text }: Created) => {
    pages.put(endpoint)
    secret.replaceChildren(secretCard(text, 'Copy it now: it is not shown again.'))
    secret.querySelector('input')?.focus()
  }
  keepHealthFresh(rex, rows)
  pages.restart()
  return element(
    'section',
    {},
    creation(rex, created),
    secret,
    element('div', { class: 'wide' }, rows.node),
    pages.node,
  )
}

function creation(rex: Rex, created: (made: Created) => void): HTMLElement {
  if (!rex.may('WEBHOOKS_WRITE')) return needs('WEBHOOKS_WRITE', 'Creating a webhook')
  return rex.may('PII_READ') ? endpointForm(rex, created) : needs('PII_READ', 'Creating a webhook')
}

function cells(endpoint: EndpointFragment): Child[] {
  const { id, url, status, events } = endpoint
  return [
    element('th', { scope: 'row' }, element('a', { href: `#webhooks/${id}` }, foreign(url))),
    element('td', {}, badge(status)),
    element('td', {}, healthOf(endpoint)),
    element('td', {}, events.join(', ')),
  ]
}

/** Reads those again that something was sent to, or has happened to, all of a while at once. */
function keepHealthFresh({ api, live, signal }: Rex, rows: Rows<EndpointFragment>): void {
  const changed = new Set<string>()
  const read = async (id: string) => {
    const { webhookEndpoint } = await api.ask('Endpoint', { id })
    if (webhookEndpoint && !signal.aborted) rows.put(webhookEndpoint)
  }
  const readChanged = gathered(healthEveryMs, () => {
    if (signal.aborted) return
    for (const id of changed) void read(id).catch(() => {}) // The next delivery has it read again.
    changed.clear()
  })
  const note = (id: string | undefined) => {
    if (id === undefined || !rows.has(id)) return
    changed.add(id)
    readChanged()
  }
  live.deliveries.listen(({ endpoint }) => note(endpoint?.id), signal)
  live.events.listen((event) => note(subjectOf(event)), signal)
}
