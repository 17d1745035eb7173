import type { DeliveryFragment } from '../../generated/graphql/graphql.ts'
import { button } from './action.ts'
import { badge } from './badge.ts'
import { type Child, element, moment } from './element.ts'
import { createLivePages } from './live-pages.ts'
import { succeeded } from './problems.ts'
import type { Rex } from './rex.ts'
import { createRows } from './rows.ts'

/** What was sent to an endpoint, newest first, as it happens. */
export function deliveriesOf(rex: Rex, endpointId: string) {
  const withEvents = rex.may('EVENTS_READ')
  const rows = createRows<DeliveryFragment>({
    kind: 'deliveries',
    columns: ['Event', 'Status', 'Attempts', 'Next attempt', 'Since'],
    cells: (delivery) => cells(delivery, retryOf(delivery)),
    isAbove: (one, other) => one.id > other.id,
    // The answer to a retry may come after what the retry came to.
    isStale: (delivery, known) => delivery.attemptCount < known.attemptCount,
  })
  const pages = createLivePages(rows, {
    signal: rex.signal,
    read: async (after) => (await rex.api.ask('Deliveries', { endpointId, after, withEvents })).deliveries,
    emptyWord: () => 'Nothing was sent yet.',
  })
  const retryOf = ({ id, status }: DeliveryFragment): Child => {
    if (status !== 'FAILED' && status !== 'RETRYING') return null
    if (!rex.may('WEBHOOKS_WRITE')) return null
    const problem = element('p', { class: 'problem', role: 'status' })
    const retry = async () => {
      const { retryDelivery: result } = await rex.api.change('RetryDelivery', { id, withEvents })
      pages.put(succeeded<DeliveryFragment>(result))
    }
    return [' ', button('Retry', retry, { tell: (word) => problem.replaceChildren(word) }), problem]
  }
  rex.live.deliveries.listen((delivery) => {
    if (delivery.endpoint?.id === endpointId) pages.put(delivery)
  }, rex.signal)
  rex.live.deliveryGaps.listen(() => pages.restart(), rex.signal)
  pages.restart()
  return { node: element('div', {}, element('div', { class: 'wide' }, rows.node), pages.node), put: pages.put }
}

function cells(delivery: DeliveryFragment, retry: Child): Child[] {
  const { event, status, attemptCount, nextAttemptAt, createdAt } = delivery
  return [
    element('th', { scope: 'row' }, event?.type ?? 'an event'),
    element('td', {}, badge(status), retry),
    element('td', {}, `${attemptCount}${lastAnswer(delivery)}`),
    element('td', {}, moment(nextAttemptAt)),
    element('td', {}, moment(createdAt)),
  ]
}

/** What came of the last attempt: a status, or why there is none. */
function lastAnswer({ attempts }: DeliveryFragment): string {
  const { responseStatus, error, detail } = attempts.at(-1) ?? {}
  const answer = responseStatus ?? error?.toLowerCase().replaceAll('_', ' ')
  if (answer === undefined) return ''
  return detail == null ? `, last: ${answer}` : `, last: ${answer} (${detail})`
}
