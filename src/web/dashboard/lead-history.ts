import { badge } from './badge.ts'
import { type Child, element, moment, scopeNotice, untrustedText } from './element.ts'
import type { LeadDetails } from './lead-facts.ts'
import { valueList } from './values.ts'
import type { ViewContext } from './view-context.ts'

type Event = NonNullable<LeadDetails['events']>['nodes'][number]
type Submission = LeadDetails['submissions']['nodes'][number]

/** Lists the submissions of a lead, their events, and the deliveries of these events. */
export function leadHistory({ may }: ViewContext, { events, submissions, submissionCount }: LeadDetails): Child {
  return [
    element('h4', {}, 'Events'),
    events ? eventTable(events.nodes, may('WEBHOOKS_READ')) : scopeNotice('EVENTS_READ', 'Viewing events'),
    may('WEBHOOKS_READ') ? null : scopeNotice('WEBHOOKS_READ', 'Viewing deliveries'),
    element('h4', {}, `Submissions (${submissionCount})`),
    submissions.nodes.map(submissionPart),
  ]
}

function eventTable(events: readonly Event[], withDeliveries: boolean): HTMLElement {
  const columns = withDeliveries ? ['Event', 'When', 'Deliveries'] : ['Event', 'When']
  return element(
    'table',
    { class: 'events' },
    element('thead', {}, element('tr', {}, ...columns.map((name) => element('th', { scope: 'col' }, name)))),
    element('tbody', {}, ...events.map((event) => eventRow(event, withDeliveries))),
  )
}

function eventRow({ type, createdAt, deliveries }: Event, withDeliveries: boolean): HTMLElement {
  const sent = deliveries?.nodes.map(({ status, endpoint }) => [
    element('p', {}, badge(status), ' ', untrustedText(endpoint?.url ?? 'a deleted webhook')),
  ])
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, type),
    element('td', {}, moment(createdAt)),
    withDeliveries ? element('td', {}, sent?.length ? sent : '–') : null,
  )
}

function submissionPart({ id, outcome, receivedAt, origin, fields }: Submission): HTMLElement {
  return element(
    'details',
    { 'data-id': id },
    element(
      'summary',
      {},
      moment(receivedAt),
      ' ',
      outcome?.toLowerCase() ?? '',
      origin ? [' from ', untrustedText(origin)] : null,
    ),
    valueList(fields),
  )
}
