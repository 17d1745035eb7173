import type { DeliveryFragment } from '../../generated/graphql/graphql.ts'
import { button } from './async-button.ts'
import { badge } from './badge.ts'
import { type Child, element, moment } from './element.ts'
import { createLivePages } from './live-pages.ts'
import { unwrapResult } from './problems.ts'
import { createRows } from './rows.ts'
import type { ViewContext } from './view-context.ts'

/** Creates a live table of the deliveries to an endpoint, newest first. */
export function deliveryTable(context: ViewContext, endpointId: string) {
  const withEvents = context.may('EVENTS_READ')
  const rows = createRows<DeliveryFragment>({
    kind: 'deliveries',
    columns: ['Event', 'Status', 'Attempts', 'Next attempt', 'Since'],
    cells: (delivery) => cells(delivery, retryOf(delivery)),
    isAbove: (one, other) => one.id > other.id,
    // The response to a retry may arrive after the live update about its result.
    isStale: (delivery, known) => delivery.attemptCount < known.attemptCount,
  })
  const pages = createLivePages(rows, {
    signal: context.signal,
    read: async (after) => (await context.api.query('Deliveries', { endpointId, after, withEvents })).deliveries,
    emptyMessage: () => 'No deliveries yet.',
  })
  const retryOf = ({ id, status }: DeliveryFragment): Child => {
    if (status !== 'FAILED' && status !== 'RETRYING') return null
    if (!context.may('WEBHOOKS_WRITE')) return null
    const problem = element('p', { class: 'problem', role: 'status' })
    const retry = async () => {
      const { retryDelivery: result } = await context.api.mutate('RetryDelivery', { id, withEvents })
      pages.put(unwrapResult<DeliveryFragment>(result))
    }
    return [' ', button('Retry', retry, { showMessage: (message) => problem.replaceChildren(message) }), problem]
  }
  context.live.deliveries.on((delivery) => {
    if (delivery.endpoint?.id === endpointId) pages.put(delivery)
  }, context.signal)
  context.live.deliveryGaps.on(() => pages.restart(), context.signal)
  pages.restart()
  return { node: element('div', {}, element('div', { class: 'wide' }, rows.node), pages.node), put: pages.put }
}

function cells(delivery: DeliveryFragment, retry: Child): Child[] {
  const { event, status, attemptCount, nextAttemptAt, createdAt } = delivery
  return [
    element('th', { scope: 'row' }, event?.type ?? 'an event'),
    element('td', {}, badge(status), retry),
    element('td', {}, `${attemptCount}${lastResult(delivery)}`),
    element('td', {}, moment(nextAttemptAt)),
    element('td', {}, moment(createdAt)),
  ]
}

/** Returns the result of the last attempt: a status, or the reason why there is none. */
function lastResult({ attempts }: DeliveryFragment): string {
  const { responseStatus, error, detail } = attempts.at(-1) ?? {}
  const answer = responseStatus ?? error?.toLowerCase().replaceAll('_', ' ')
  if (answer === undefined) return ''
  return detail == null ? `, last: ${answer}` : `, last: ${answer} (${detail})`
}
