import type { SourceDetailsFragment } from '../../generated/graphql/graphql.ts'
import { messageOf } from './async-button.ts'
import { element, scopeNotice } from './element.ts'
import { poll } from './polling.ts'
import { sourceActions } from './source-actions.ts'
import { sourceFacts } from './source-facts.ts'
import { createSourceHeld } from './source-held.ts'
import { createPayloadPanel } from './source-payload.ts'
import { sourceSettings } from './source-settings.ts'
import { createSourceSetup } from './source-setup.ts'
import type { ViewContext } from './view-context.ts'

const refreshMs = 2000

/** Creates the view of one source: its URL, the latest payload with the mapping, and what is held. */
export function sourceView(context: ViewContext, id: string): HTMLElement {
  const message = element('p', { class: 'problem', role: 'status' })
  const facts = sourceFacts()
  const setup = createSourceSetup()
  const payload = createPayloadPanel(context, id, (source) => show(source))
  const held = createSourceHeld(context, id, payload.open)
  const actions = sourceActions(context, id, (source) => show(source))
  const settings = sourceSettings(context, id, (source) => show(source))
  const show = (source: SourceDetailsFragment) => {
    for (const part of [facts, setup, actions, settings, payload]) part.show(source)
  }
  const read = async () => {
    const { source } = await context.api.query('Source', { id, withSubmissions: context.may('CONTACTS_READ') })
    if (context.signal.aborted) return
    message.replaceChildren(source ? '' : 'This source does not exist, or no longer exists.')
    content.hidden = source === null
    if (source === null) return
    show(source)
    const [newest] = source.submissions?.nodes ?? []
    payload.arrived(newest)
    held.arrived(newest)
  }
  const content = element(
    'div',
    { hidden: true },
    facts.node,
    setup.node,
    context.may('SOURCES_WRITE') ? [settings.node, actions.node] : scopeNotice('SOURCES_WRITE', 'Changing this source'),
    element('h3', {}, 'Payload'),
    payload.node,
    element('h3', {}, 'Held'),
    held.node,
  )
  poll(refreshMs, context.signal, () => read().catch((error: unknown) => message.replaceChildren(messageOf(error))))
  return element('section', {}, element('p', {}, element('a', { href: '#sources' }, 'All sources')), message, content)
}
