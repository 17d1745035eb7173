import { button, wordOf } from './action.ts'
import { element } from './element.ts'

interface Page<Item> {
  readonly nodes: readonly Item[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null }
}

export interface Pages {
  /** What is said of the list, and the button for more of it. */
  readonly node: HTMLElement
  /** From the first page on. */
  restart(): void
  /** Whether the list goes on beyond what is shown. */
  hasMore(): boolean
  /** Says how things are, after something was put in or taken out otherwise. */
  settle(): void
}

export interface PageParts<Item> {
  readonly signal: AbortSignal
  read(after: string | null): Promise<Page<Item>>
  clear(): void
  show(items: readonly Item[]): void
  isEmpty(): boolean
  /** What is said of an empty list. */
  emptyWord(): string
}

/** A list that is read page after page; an answer to what was asked before it began anew is too late. */
export function createPages<Item>({ signal, ...parts }: PageParts<Item>): Pages {
  let turn = 0
  let after: string | null = null
  const word = element('p', { class: 'soft', role: 'status' })
  const tell = (text: string) => word.replaceChildren(text)
  const settle = () => tell(parts.isEmpty() ? parts.emptyWord() : '')
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
  const more = button('Load more', () => read(after), { tell })
  more.hidden = true
  return {
    node: element('div', { class: 'more' }, word, more),
    restart: () => {
      turn++
      read(null).catch((error: unknown) => tell(wordOf(error)))
    },
    hasMore: () => after !== null,
    settle,
  }
}
