import type { LeadFragment } from '../../generated/graphql/graphql.ts'
import { button, wordOf } from './action.ts'
import { element } from './element.ts'
import type { LeadList } from './lead-list.ts'
import { gathered } from './pause.ts'
import type { Rex } from './rex.ts'

export interface LeadPages {
  readonly node: HTMLElement
  /** What is looked for; nothing where it is empty. */
  search: string
  /** From the newest on. */
  restart(): void
  /** Puts in what a search finds by now. */
  refresh(): void
  /** Puts in what came by itself. */
  put(lead: LeadFragment): void
  /** Whether the list goes on beyond what is shown. */
  hasMore(): boolean
}

const refreshMs = 500

/** Reads the list, page after page, while live leads come in. */
export function createLeadPages({ api, signal }: Rex, list: LeadList): LeadPages {
  let turn = 0
  let after: string | null = null
  /** While the list is read anew, what came meanwhile. */
  let arrived: LeadFragment[] | undefined
  const word = element('p', { class: 'soft', role: 'status' })
  const tell = (text: string) => word.replaceChildren(text)

  /** Undefined when it comes too late: the view was left, or the list began anew. */
  const read = async (from: string | null) => {
    const mine = turn
    const { contacts } = await api.ask('Leads', { search: pages.search || null, after: from })
    return mine === turn && !signal.aborted ? contacts : undefined
  }
  const show = (nodes: readonly LeadFragment[], next = after) => {
    for (const lead of nodes) list.put(lead)
    after = next
    more.hidden = after === null
    tell(list.isEmpty() ? emptyWord(pages.search) : '')
  }
  const readMore = async () => {
    const page = await read(after)
    if (page) show(page.nodes, nextOf(page.pageInfo))
  }
  const readAnew = async () => {
    turn++
    arrived = []
    const page = await read(null)
    if (page === undefined) return
    list.clear()
    show([...page.nodes, ...(arrived ?? [])], nextOf(page.pageInfo))
    arrived = undefined
  }
  const readTop = async () => {
    const page = await read(null)
    if (page) show(page.nodes)
  }
  const more = button('Load more', readMore, { tell })
  more.hidden = true
  const run = (work: () => Promise<void>) => () => void work().catch((error: unknown) => tell(wordOf(error)))
  const pages: LeadPages = {
    node: element('div', { class: 'more' }, word, more),
    search: '',
    restart: run(readAnew),
    refresh: gathered(refreshMs, run(readTop)),
    put: (lead) => {
      arrived?.push(lead)
      show([lead])
    },
    hasMore: () => after !== null,
  }
  return pages
}

function nextOf({ hasNextPage, endCursor }: { hasNextPage: boolean; endCursor?: string | null }): string | null {
  return hasNextPage ? (endCursor ?? null) : null
}

function emptyWord(search: string): string {
  return search === '' ? 'No lead yet.' : 'Nothing is found.'
}
