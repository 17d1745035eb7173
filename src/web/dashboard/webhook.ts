import type { EndpointFragment } from '../../generated/graphql/graphql.ts'
import { wordOf } from './action.ts'
import { deliveriesOf } from './deliveries.ts'
import { element, fill, foreign, needs } from './element.ts'
import { endpointFacts } from './endpoint-facts.ts'
import { gathered } from './pause.ts'
import type { Rex } from './rex.ts'
import { subjectOf } from './subject.ts'
import { webhookActions } from './webhook-actions.ts'

const healthEveryMs = 2000

/** One webhook: how it is, what can be done with it, and what was sent to it. */
export function webhookView(rex: Rex, id: string): HTMLElement {
  const facts = element('div')
  const word = element('p', { class: 'problem', role: 'status' })
  const deliveries = deliveriesOf(rex, id)
  const actions = webhookActions(rex, id, { show: (endpoint) => show(endpoint), sent: deliveries.put })
  const show = (endpoint: EndpointFragment) => {
    fill(facts, element('h3', { class: 'url' }, foreign(endpoint.url)), endpointFacts(endpoint))
    actions.show(endpoint)
  }
  const read = async () => {
    const { webhookEndpoint } = await rex.api.ask('Endpoint', { id })
    if (rex.signal.aborted) return
    word.replaceChildren(webhookEndpoint ? '' : 'There is no such webhook, or no longer.')
    if (webhookEndpoint) show(webhookEndpoint)
  }
  const reread = () => void read().catch((error: unknown) => word.replaceChildren(wordOf(error)))
  const rereadSoon = gathered(healthEveryMs, () => rex.signal.aborted || reread())
  rex.live.deliveries.listen(({ endpoint }) => {
    if (endpoint?.id === id) rereadSoon()
  }, rex.signal)
  rex.live.events.listen((event) => {
    if (subjectOf(event) === id) rereadSoon()
  }, rex.signal)
  reread()
  return element(
    'section',
    {},
    element('p', {}, element('a', { href: '#webhooks' }, 'All webhooks')),
    word,
    facts,
    rex.may('WEBHOOKS_WRITE') ? actions.node : needs('WEBHOOKS_WRITE', 'Changing it'),
    element('h3', {}, 'Deliveries'),
    deliveries.node,
  )
}
