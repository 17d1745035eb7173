import { wordOf } from './action.ts'
import { element, fill, foreign, needs } from './element.ts'
import { type LeadDetails, leadFacts } from './lead-facts.ts'
import { leadHistory } from './lead-history.ts'
import { gathered } from './pause.ts'
import type { Rex } from './rex.ts'
import { type StageForm, stageForm } from './stage-form.ts'

const rereadMs = 300

/** Everything on one lead, above the list, until it is closed. */
export function openLead(view: Rex, id: string): HTMLElement {
  const closed = new AbortController()
  const rex = { ...view, signal: AbortSignal.any([view.signal, closed.signal]) }
  const title = element('h3', { id: 'lead-title', tabindex: -1 })
  const word = element('p', { class: 'problem', role: 'status' })
  const [facts, history] = [element('div'), element('div')]
  let shown: LeadDetails | null = null
  const read = async () => {
    const { contact } = await rex.api.ask('LeadDetails', { id, ...seenBy(rex) })
    if (rex.signal.aborted) return
    fill(title, foreign(contact?.displayName ?? 'Gone'))
    word.replaceChildren(contact ? '' : 'This lead is erased.')
    fill(facts, contact ? leadFacts(contact) : null)
    keepingOpen(history, () => fill(history, contact ? leadHistory(rex, contact) : null))
    stage?.show(contact)
    shown = contact
  }
  const reread = () => void read().catch((error: unknown) => word.replaceChildren(wordOf(error)))
  const stage: StageForm | undefined = rex.may('CONTACTS_WRITE') ? stageForm(rex, id, read) : undefined
  const dialog = element(
    'dialog',
    { class: 'drawer', 'aria-labelledby': 'lead-title', close: () => end() },
    element('button', { type: 'button', class: 'quiet close', click: () => dialog.close() }, 'Close'),
    title,
    word,
    stage ? stage.node : needs('CONTACTS_WRITE', 'Changing the stage'),
    facts,
    history,
  )
  const end = () => {
    closed.abort()
    dialog.remove()
  }
  rereadWhenChanged(rex, id, { reread, hasEvent: (event) => holdsEvent(shown, event) })
  reread()
  // It is shown when it is in the page.
  queueMicrotask(() => dialog.isConnected && dialog.showModal())
  return dialog
}

function seenBy({ may }: Rex): { withEvents: boolean; withDeliveries: boolean } {
  return { withEvents: may('EVENTS_READ'), withDeliveries: may('WEBHOOKS_READ') }
}

interface Reader {
  reread(): void
  hasEvent(id: string | undefined): boolean
}

function rereadWhenChanged({ live, signal }: Rex, id: string, { reread, hasEvent }: Reader): void {
  const soon = gathered(rereadMs, () => signal.aborted || reread())
  live.events.listen(({ contact, data }) => {
    if (contact?.id === id || (data as { id?: unknown } | null)?.id === id) soon()
  }, signal)
  live.deliveries.listen(({ event }) => {
    if (hasEvent(event?.id)) soon()
  }, signal)
  live.gaps.listen(soon, signal)
  live.deliveryGaps.listen(soon, signal)
}

function holdsEvent(lead: LeadDetails | null, id: string | undefined): boolean {
  return lead?.events?.nodes.some((event) => event.id === id) ?? false
}

/** What the reader has unfolded stays so. */
function keepingOpen(node: HTMLElement, change: () => void): void {
  const open = new Set([...node.querySelectorAll('details[open]')].map((each) => each.getAttribute('data-id')))
  change()
  for (const each of node.querySelectorAll('details')) each.open = open.has(each.getAttribute('data-id'))
}
