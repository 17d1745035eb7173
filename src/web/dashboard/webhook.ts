import type { EndpointFragment } from '../../generated/graphql/graphql.ts'
import { messageOf } from './async-button.ts'
import { throttleTrailing } from './backoff.ts'
import { deliveryTable } from './deliveries.ts'
import { element, replaceContent, scopeNotice, untrustedText } from './element.ts'
import { endpointFacts } from './endpoint-facts.ts'
import { entityIdOf } from './event-entity.ts'
import type { ViewContext } from './view-context.ts'
import { webhookActions } from './webhook-actions.ts'

const healthEveryMs = 2000

/** Creates the view of one webhook: its health, its actions and its deliveries. */
export function webhookView(context: ViewContext, id: string): HTMLElement {
  const facts = element('div')
  const message = element('p', { class: 'problem', role: 'status' })
  const deliveries = deliveryTable(context, id)
  const actions = webhookActions(context, id, { show: (endpoint) => show(endpoint), sent: deliveries.put })
  const show = (endpoint: EndpointFragment) => {
    replaceContent(facts, element('h3', { class: 'url' }, untrustedText(endpoint.url)), endpointFacts(endpoint))
    actions.show(endpoint)
  }
  const read = async () => {
    const { webhookEndpoint } = await context.api.query('Endpoint', { id })
    if (context.signal.aborted) return
    message.replaceChildren(webhookEndpoint ? '' : 'This webhook does not exist, or no longer exists.')
    if (webhookEndpoint) show(webhookEndpoint)
  }
  const reread = () => void read().catch((error: unknown) => message.replaceChildren(messageOf(error)))
  const rereadSoon = throttleTrailing(healthEveryMs, () => context.signal.aborted || reread())
  context.live.deliveries.on(({ endpoint }) => {
    if (endpoint?.id === id) rereadSoon()
  }, context.signal)
  context.live.events.on((event) => {
    if (entityIdOf(event) === id) rereadSoon()
  }, context.signal)
  reread()
  return element(
    'section',
    {},
    element('p', {}, element('a', { href: '#webhooks' }, 'All webhooks')),
    message,
    facts,
    context.may('WEBHOOKS_WRITE') ? actions.node : scopeNotice('WEBHOOKS_WRITE', 'Changing this webhook'),
    element('h3', {}, 'Deliveries'),
    deliveries.node,
  )
}
