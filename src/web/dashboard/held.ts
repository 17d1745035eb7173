import type { HeldSubmissionFragment, SubmissionStatus } from '../../generated/graphql/graphql.ts'
import { button } from './async-button.ts'
import { element, scopeNotice } from './element.ts'
import { heldCard } from './held-card.ts'
import { createPages } from './pages.ts'
import { storageLine } from './storage-line.ts'
import type { ViewContext } from './view-context.ts'

/** Creates the moderation queue: submissions that are not leads yet, to release or to mark as spam. */
export function heldView(context: ViewContext): HTMLElement {
  const spam = element('input', { type: 'checkbox', id: 'spam' })
  const done = element('p', { class: 'done', role: 'status', tabindex: -1 })
  const list = element('div', {})
  const settled = (card: HTMLElement, message: string) => {
    const next = card.nextElementSibling ?? card.previousElementSibling
    card.remove()
    done.replaceChildren(message)
    // The focus was in the removed card; it moves to the next card.
    if (next instanceof HTMLElement) next.focus()
    else done.focus()
    pages.settle()
  }
  const pages = createPages<HeldSubmissionFragment>({
    signal: context.signal,
    read: async (after) => (await context.api.query('Held', { status: wanted(spam.checked), after })).submissions,
    show: (items) => list.append(...items.map((item) => heldCard(context, item, settled))),
    clear: () => list.replaceChildren(),
    isEmpty: () => list.childElementCount === 0,
    emptyMessage: () => 'Nothing is held.',
  })
  spam.addEventListener('change', () => pages.restart())
  const again = button('Refresh', async () => pages.restart())
  pages.restart()
  return element(
    'section',
    {},
    element('div', { class: 'row' }, spam, element('label', { for: 'spam' }, 'Also show spam'), again),
    context.may('CONTACTS_WRITE') ? null : scopeNotice('CONTACTS_WRITE', 'Releasing'),
    storageLine(context),
    done,
    list,
    pages.node,
  )
}

function wanted(withSpam: boolean): SubmissionStatus[] {
  return withSpam ? ['HELD', 'SPAM'] : ['HELD']
}
