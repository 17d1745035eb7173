import { badge } from './badge.ts'
import { type Child, element, foreign, moment, needs } from './element.ts'
import type { LeadDetails } from './lead-facts.ts'
import type { Rex } from './rex.ts'
import { valueList } from './values.ts'

type Event = NonNullable<LeadDetails['events']>['nodes'][number]
type Submission = LeadDetails['submissions']['nodes'][number]

/** What was posted, what became of it, and who was told. */
export function leadHistory({ may }: Rex, { events, submissions, submissionCount }: LeadDetails): Child {
  return [
    element('h4', {}, 'Events'),
    events ? eventTable(events.nodes, may('WEBHOOKS_READ')) : needs('EVENTS_READ', 'Seeing them'),
    may('WEBHOOKS_READ') ? null : needs('WEBHOOKS_READ', 'Seeing deliveries'),
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
    element('p', {}, badge(status), ' ', foreign(endpoint?.url ?? 'a webhook that is deleted')),
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
      origin ? [' from ', foreign(origin)] : null,
    ),
    valueList(fields),
  )
}
