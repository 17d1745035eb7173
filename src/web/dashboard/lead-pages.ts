import type { LeadFragment } from '../../generated/graphql/graphql.ts'
import type { LeadList } from './lead-list.ts'
import { createPages, type Pages } from './pages.ts'
import { gathered } from './pause.ts'
import type { Rex } from './rex.ts'

export interface LeadPages extends Pages {
  /** What is looked for; nothing where it is empty. */
  search: string
  /** Puts in what a search finds by now. */
  refresh(): void
  /** Puts in what came by itself. */
  put(lead: LeadFragment): void
}

const refreshMs = 500

/** Reads the list, page after page, while live leads come in. */
export function createLeadPages({ api, signal }: Rex, list: LeadList): LeadPages {
  /** What came while the list is read anew. */
  let arrived: LeadFragment[] | undefined
  const read = async (after: string | null) =>
    (await api.ask('Leads', { search: leads.search || null, after })).contacts
  const show = (nodes: readonly LeadFragment[]) => {
    for (const lead of [...nodes, ...(arrived ?? [])]) list.put(lead)
    arrived = undefined
  }
  const emptyWord = () => (leads.search === '' ? 'No lead yet.' : 'Nothing is found.')
  const pages = createPages({ signal, read, show, emptyWord, clear: list.clear, isEmpty: list.isEmpty })
  const readTop = async () => {
    const asked = leads.search
    const { nodes } = await read(null)
    if (asked !== leads.search || signal.aborted) return
    for (const lead of nodes) list.put(lead)
    pages.settle()
  }
  const leads: LeadPages = {
    ...pages,
    search: '',
    restart: () => {
      arrived = []
      pages.restart()
    },
    refresh: gathered(refreshMs, () => void readTop().catch(() => {})), // The next one finds the same.
    put: (lead) => {
      arrived?.push(lead)
      list.put(lead)
      pages.settle()
    },
  }
  return leads
}
