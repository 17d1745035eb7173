import type { LeadFragment } from '../../generated/graphql/graphql.ts'
import { element } from './element.ts'
import { openLead } from './lead.ts'
import { createLeadList } from './lead-list.ts'
import { createLeadPages, type LeadPages } from './lead-pages.ts'
import type { LiveEvent } from './live.ts'
import type { Rex } from './rex.ts'
import type { Rows } from './rows.ts'

/** A page that is open for days is read anew before it holds more rows than a browser likes. */
const maxArrived = 500
const typingMs = 250

/** The newest leads, with a search; what happens meanwhile is put where it belongs. */
export function leadsView(rex: Rex): HTMLElement {
  const list = createLeadList((id) => open(id))
  const pages = createLeadPages(rex, list)
  const open = (id: string) => {
    const dialog = openLead(rex, id)
    // The row may have been made anew meanwhile.
    dialog.addEventListener('close', () => list.node.querySelector<HTMLElement>(`[data-id="${id}"] button`)?.focus())
    section.append(dialog)
  }
  rex.live.gaps.listen(() => pages.restart(), rex.signal)
  const apply = liveChanges(list, pages)
  rex.live.events.listen(apply, rex.signal)
  pages.restart()
  const section = element('section', {}, searchForm(pages), element('div', { class: 'wide' }, list.node), pages.node)
  return section
}

function searchForm(pages: LeadPages): HTMLElement {
  const input = element('input', { type: 'search', id: 'search', maxlength: 200, autocomplete: 'off' })
  const search = () => {
    if (pages.search === input.value.trim()) return
    pages.search = input.value.trim()
    pages.restart()
  }
  let typing: ReturnType<typeof setTimeout> | undefined
  input.addEventListener('input', () => {
    clearTimeout(typing)
    typing = setTimeout(search, typingMs)
  })
  const submit = (event: Event) => {
    event.preventDefault()
    search()
  }
  return element('form', { role: 'search', submit }, element('label', { for: 'search' }, 'Search'), input)
}

function liveChanges(list: Rows<LeadFragment>, pages: LeadPages): (event: LiveEvent) => void {
  let arrived = 0
  const put = (lead: LeadFragment, isNew: boolean) => {
    if (list.has(lead.id)) return pages.put(lead)
    if (pages.search !== '') return pages.refresh()
    // One further down comes with its page.
    if (!isNew && pages.hasMore() && !list.reaches(lead)) return
    if (++arrived % maxArrived === 0) return pages.restart()
    pages.put(lead)
  }
  return ({ type, contact, data }) => {
    if (contact) put(contact, type === 'contact.created')
    else if (type === 'contact.erased') {
      list.remove(idIn(data))
      pages.settle()
    }
  }
}

/** The data of `contact.erased` is the id alone. */
function idIn(data: unknown): string {
  return String((data as { id?: unknown } | null)?.id)
}
