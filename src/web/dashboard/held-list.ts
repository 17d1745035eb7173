import type { HeldSubmissionFragment } from '../../generated/graphql/graphql.ts'
import { type Child, element } from './element.ts'
import { heldCard } from './held-card.ts'
import { createPages, type PageParts } from './pages.ts'
import type { ViewContext } from './view-context.ts'

interface HeldParts {
  readonly read: PageParts<HeldSubmissionFragment>['read']
  /** Returns what a card has besides, such as a button. */
  more?(submission: HeldSubmissionFragment): Child
}

export interface HeldList {
  readonly node: HTMLElement
  /** Shows the result of a decision. */
  showMessage(message: string): void
  restart(): void
  /** Whether somebody enters something into a card. */
  isInUse(): boolean
}

/** Creates the list of submissions that are not leads yet, to release or to mark as spam. */
export function createHeldList(context: ViewContext, { read, more }: HeldParts): HeldList {
  const done = element('p', { class: 'done', role: 'status', tabindex: -1 })
  const list = element('div', {})
  const showMessage = (message: string) => done.replaceChildren(message)
  const settled = (card: HTMLElement, message: string) => {
    const next = card.nextElementSibling ?? card.previousElementSibling
    card.remove()
    showMessage(message)
    // The focus was in the removed card; it moves to the next card.
    if (next instanceof HTMLElement) next.focus()
    else done.focus()
    pages.settle()
  }
  const pages = createPages<HeldSubmissionFragment>({
    signal: context.signal,
    read,
    show: (items) => list.append(...items.map((item) => heldCard(context, item, settled, more?.(item)))),
    clear: () => list.replaceChildren(),
    isEmpty: () => list.childElementCount === 0,
    emptyMessage: () => 'Nothing is held.',
  })
  const isInUse = () =>
    list.contains(document.activeElement) || [...list.querySelectorAll('input')].some(({ value }) => value !== '')
  return { node: element('div', {}, done, list, pages.node), showMessage, restart: pages.restart, isInUse }
}
