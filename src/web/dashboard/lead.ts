import { wordOf } from './action.ts'
import { element, fill, foreign, needs } from './element.ts'
import { type LeadDetails, leadFacts } from './lead-facts.ts'
import { leadHistory } from './lead-history.ts'
import { gathered } from './pause.ts'
import type { Rex } from './rex.ts'
import { type StageForm, stageForm } from './stage-form.ts'
import { subjectOf } from './subject.ts'

const rereadMs = 300

/** Everything on one lead, above the list, until it is closed. */
export function openLead(view: Rex, id: string): HTMLElement {
  const closed = new AbortController()
  const rex = { ...view, signal: AbortSignal.any([view.signal, closed.signal]) }
  const panel = leadPanel(rex)
  let turn = 0
  const read = async () => {
    const mine = ++turn
    const { contact } = await rex.api.ask('LeadDetails', { id, ...seenBy(rex) })
    if (mine !== turn || rex.signal.aborted) return
    panel.show(contact)
    stage?.show(contact)
  }
  const reread = () => void read().catch((error: unknown) => panel.tell(wordOf(error)))
  const stage: StageForm | undefined = rex.may('CONTACTS_WRITE') ? stageForm(rex, id, read) : undefined
  const dialog = element(
    'dialog',
    { class: 'drawer', 'aria-labelledby': 'lead-title', close: () => end() },
    element('button', { type: 'button', class: 'quiet close', click: () => dialog.close() }, 'Close'),
    panel.head,
    stage ? stage.node : needs('CONTACTS_WRITE', 'Changing the stage'),
    panel.body,
  )
  const end = () => {
    closed.abort()
    dialog.remove()
  }
  rereadWhenChanged(rex, id, { reread, hasEvent: panel.hasEvent })
  reread()
  // It is shown when it is in the page.
  queueMicrotask(() => dialog.isConnected && dialog.showModal())
  return dialog
}

/** The lead as it was read last. */
function leadPanel(rex: Rex) {
  const title = element('h3', { id: 'lead-title' })
  const word = element('p', { class: 'problem', role: 'status' })
  const [facts, history] = [element('div'), element('div')]
  let shown: LeadDetails | null = null
  return {
    head: element('div', {}, title, word),
    body: element('div', {}, facts, history),
    tell: (text: string) => word.replaceChildren(text),
    hasEvent: (id: string | undefined) => shown?.events?.nodes.some((event) => event.id === id) ?? false,
    show: (lead: LeadDetails | null) => {
      shown = lead
      fill(title, foreign(lead?.displayName ?? 'Gone'))
      word.replaceChildren(lead ? '' : 'This lead is erased.')
      fill(facts, lead ? leadFacts(lead) : null)
      keepingOpen(history, () => fill(history, lead ? leadHistory(rex, lead) : null))
    },
  }
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
  live.events.listen((event) => {
    if (subjectOf(event) === id) soon()
  }, signal)
  live.deliveries.listen(({ event }) => {
    if (hasEvent(event?.id)) soon()
  }, signal)
  live.gaps.listen(soon, signal)
  live.deliveryGaps.listen(soon, signal)
}

/** What the reader has unfolded stays so. */
function keepingOpen(node: HTMLElement, change: () => void): void {
  const open = new Set([...node.querySelectorAll('details[open]')].map((each) => each.getAttribute('data-id')))
  change()
  for (const each of node.querySelectorAll('details')) each.open = open.has(each.getAttribute('data-id'))
}
