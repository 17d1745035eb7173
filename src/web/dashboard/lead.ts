import { messageOf } from './async-button.ts'
import { throttleTrailing } from './backoff.ts'
import { element, replaceContent, scopeNotice, untrustedText } from './element.ts'
import { entityIdOf } from './event-entity.ts'
import { type LeadDetails, leadFacts } from './lead-facts.ts'
import { leadHistory } from './lead-history.ts'
import { type StageForm, stageForm } from './stage-form.ts'
import type { ViewContext } from './view-context.ts'

const rereadMs = 300

/** Opens a dialog above the list with all data of one lead. */
export function openLead(view: ViewContext, id: string): HTMLElement {
  const closed = new AbortController()
  const context = { ...view, signal: AbortSignal.any([view.signal, closed.signal]) }
  const panel = leadPanel(context)
  let turn = 0
  const read = async () => {
    const mine = ++turn
    const { contact } = await context.api.query('LeadDetails', { id, ...detailScopes(context) })
    if (mine !== turn || context.signal.aborted) return
    panel.show(contact)
    stage?.show(contact)
  }
  const reread = () => void read().catch((error: unknown) => panel.showMessage(messageOf(error)))
  const stage: StageForm | undefined = context.may('CONTACTS_WRITE') ? stageForm(context, id, read) : undefined
  const dialog = element(
    'dialog',
    { class: 'drawer', 'aria-labelledby': 'lead-title', close: () => end() },
    element('button', { type: 'button', class: 'quiet close', click: () => dialog.close() }, 'Close'),
    panel.head,
    stage ? stage.node : scopeNotice('CONTACTS_WRITE', 'Changing the stage'),
    panel.body,
  )
  const end = () => {
    closed.abort()
    dialog.remove()
  }
  rereadWhenChanged(context, id, { reread, hasEvent: panel.hasEvent })
  reread()
  // The dialog can only be shown once it is in the page.
  queueMicrotask(() => dialog.isConnected && dialog.showModal())
  return dialog
}

/** Creates the panel that shows the last read state of the lead. */
function leadPanel(context: ViewContext) {
  const title = element('h3', { id: 'lead-title' })
  const message = element('p', { class: 'problem', role: 'status' })
  const [facts, history] = [element('div'), element('div')]
  let shown: LeadDetails | null = null
  return {
    head: element('div', {}, title, message),
    body: element('div', {}, facts, history),
    showMessage: (text: string) => message.replaceChildren(text),
    hasEvent: (id: string | undefined) => shown?.events?.nodes.some((event) => event.id === id) ?? false,
    show: (lead: LeadDetails | null) => {
      shown = lead
      replaceContent(title, untrustedText(lead?.displayName ?? 'Erased'))
      message.replaceChildren(lead ? '' : 'This lead was erased.')
      replaceContent(facts, lead ? leadFacts(lead) : null)
      keepDetailsOpen(history, () => replaceContent(history, lead ? leadHistory(context, lead) : null))
    },
  }
}

function detailScopes({ may }: ViewContext): { withEvents: boolean; withDeliveries: boolean } {
  return { withEvents: may('EVENTS_READ'), withDeliveries: may('WEBHOOKS_READ') }
}

interface Reader {
  reread(): void
  hasEvent(id: string | undefined): boolean
}

function rereadWhenChanged({ live, signal }: ViewContext, id: string, { reread, hasEvent }: Reader): void {
  const soon = throttleTrailing(rereadMs, () => signal.aborted || reread())
  live.events.on((event) => {
    if (entityIdOf(event) === id) soon()
  }, signal)
  live.deliveries.on(({ event }) => {
    if (hasEvent(event?.id)) soon()
  }, signal)
  live.gaps.on(soon, signal)
  live.deliveryGaps.on(soon, signal)
}

/** Changes the content and keeps the details open that the reader has opened. */
function keepDetailsOpen(node: HTMLElement, change: () => void): void {
  const open = new Set([...node.querySelectorAll('details[open]')].map((each) => each.getAttribute('data-id')))
  change()
  for (const each of node.querySelectorAll('details')) each.open = open.has(each.getAttribute('data-id'))
}
