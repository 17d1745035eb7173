import type { HeldSubmissionFragment, SubmissionStatus } from '../../generated/graphql/graphql.ts'
import { button } from './action.ts'
import { element, needs } from './element.ts'
import { heldCard } from './held-card.ts'
import { createPages } from './pages.ts'
import type { Rex } from './rex.ts'
import { storageLine } from './storage-line.ts'

/** Submissions that are no leads yet: to be let in, or left out. */
export function heldView(rex: Rex): HTMLElement {
  const spam = element('input', { type: 'checkbox', id: 'spam' })
  const done = element('p', { class: 'done', role: 'status', tabindex: -1 })
  const list = element('div', {})
  const settled = (card: HTMLElement, word: string) => {
    const next = card.nextElementSibling ?? card.previousElementSibling
    card.remove()
    done.replaceChildren(word)
    // The focus was in the card: it goes on where the reader does.
    if (next instanceof HTMLElement) next.focus()
    else done.focus()
    pages.settle()
  }
  const pages = createPages<HeldSubmissionFragment>({
    signal: rex.signal,
    read: async (after) => (await rex.api.ask('Held', { status: wanted(spam.checked), after })).submissions,
    show: (items) => list.append(...items.map((item) => heldCard(rex, item, settled))),
    clear: () => list.replaceChildren(),
    isEmpty: () => list.childElementCount === 0,
    emptyWord: () => 'Nothing is held.',
  })
  spam.addEventListener('change', () => pages.restart())
  const again = button('Look again', async () => pages.restart())
  pages.restart()
  return element(
    'section',
    {},
    element('div', { class: 'row' }, spam, element('label', { for: 'spam' }, 'Show spam, too'), again),
    rex.may('CONTACTS_WRITE') ? null : needs('CONTACTS_WRITE', 'Releasing'),
    storageLine(rex),
    done,
    list,
    pages.node,
  )
}

function wanted(withSpam: boolean): SubmissionStatus[] {
  return withSpam ? ['HELD', 'SPAM'] : ['HELD']
}
