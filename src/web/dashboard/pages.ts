import { button, messageOf } from './async-button.ts'
import { element } from './element.ts'

interface Page<Item> {
  readonly nodes: readonly Item[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null }
}

export interface Pages {
  /** The message about the list and the button to load more. */
  readonly node: HTMLElement
  /** Reads the list again from the first page. */
  restart(): void
  /** Whether the list has items after those shown. */
  hasMore(): boolean
  /** Updates the message after an item was added or removed from outside. */
  settle(): void
}

export interface PageParts<Item> {
  readonly signal: AbortSignal
  read(after: string | null): Promise<Page<Item>>
  clear(): void
  show(items: readonly Item[]): void
  isEmpty(): boolean
  /** Returns the message for an empty list. */
  emptyMessage(): string
}

/** Creates a list that is read page by page; responses from before a restart are ignored. */
export function createPages<Item>({ signal, ...parts }: PageParts<Item>): Pages {
  let turn = 0
  let after: string | null = null
  const message = element('p', { class: 'soft', role: 'status' })
  const showMessage = (text: string) => message.replaceChildren(text)
  const settle = () => showMessage(parts.isEmpty() ? parts.emptyMessage() : '')
  const read = async (from: string | null) => {
    const mine = turn
    const { nodes, pageInfo } = await parts.read(from)
    if (mine !== turn || signal.aborted) return
    if (from === null) parts.clear()
    parts.show(nodes)
    after = pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null
    more.hidden = after === null
    settle()
  }
  const more = button('Load more', () => read(after), { showMessage })
  more.hidden = true
  return {
    node: element('div', { class: 'more' }, message, more),
    restart: () => {
      turn++
      read(null).catch((error: unknown) => showMessage(messageOf(error)))
    },
    hasMore: () => after !== null,
    settle,
  }
}
