import type { LeadFragment } from '../../generated/graphql/graphql.ts'
import { throttleTrailing } from './backoff.ts'
import { createLivePages, type LivePages } from './live-pages.ts'
import type { Rows } from './rows.ts'
import type { ViewContext } from './view-context.ts'

export interface LeadPages extends LivePages<LeadFragment> {
  /** The search text; empty means no search. */
  search: string
  /** Adds the current results of the search. */
  refresh(): void
}

const refreshMs = 500

export function createLeadPages({ api, signal }: ViewContext, list: Rows<LeadFragment>): LeadPages {
  const read = async (after: string | null) =>
    (await api.query('Leads', { search: leads.search || null, after })).contacts
  const emptyMessage = () => (leads.search === '' ? 'No leads yet.' : 'Nothing found.')
  const pages = createLivePages(list, { signal, read, emptyMessage })
  const readTop = async () => {
    const requested = leads.search
    const { nodes } = await read(null)
    if (requested !== leads.search || signal.aborted) return
    for (const lead of nodes) pages.put(lead)
  }
  const leads: LeadPages = {
    ...pages,
    search: '',
    refresh: throttleTrailing(refreshMs, () => void readTop().catch(() => {})), // The next refresh finds the same leads.
  }
  return leads
}
