import type { LeadFragment } from '../../generated/graphql/graphql.ts'
import { createLivePages, type LivePages } from './live-pages.ts'
import { gathered } from './pause.ts'
import type { Rex } from './rex.ts'
import type { Rows } from './rows.ts'

export interface LeadPages extends LivePages<LeadFragment> {
  /** What is looked for; nothing where it is empty. */
  search: string
  /** Puts in what a search finds by now. */
  refresh(): void
}

const refreshMs = 500

export function createLeadPages({ api, signal }: Rex, list: Rows<LeadFragment>): LeadPages {
  const read = async (after: string | null) =>
    (await api.ask('Leads', { search: leads.search || null, after })).contacts
  const emptyWord = () => (leads.search === '' ? 'No lead yet.' : 'Nothing is found.')
  const pages = createLivePages(list, { signal, read, emptyWord })
  const readTop = async () => {
    const asked = leads.search
    const { nodes } = await read(null)
    if (asked !== leads.search || signal.aborted) return
    for (const lead of nodes) pages.put(lead)
  }
  const leads: LeadPages = {
    ...pages,
    search: '',
    refresh: gathered(refreshMs, () => void readTop().catch(() => {})), // The next one finds the same.
  }
  return leads
}
