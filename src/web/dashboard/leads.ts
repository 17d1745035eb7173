import type { LeadFragment } from '../../generated/graphql/graphql.ts'
import { element } from './element.ts'
import { entityIdOf } from './event-entity.ts'
import { openLead } from './lead.ts'
import { createLeadList } from './lead-list.ts'
import { createLeadPages, type LeadPages } from './lead-pages.ts'
import type { LiveEvent } from './live.ts'
import type { Rows } from './rows.ts'
import type { ViewContext } from './view-context.ts'

const typingMs = 250

/** Creates the list of the newest leads, with a search; live events update it. */
export function leadsView(context: ViewContext): HTMLElement {
  const list = createLeadList((id) => open(id))
  const pages = createLeadPages(context, list)
  const open = (id: string) => {
    const dialog = openLead(context, id)
    // The row may have been created again in the meantime.
    dialog.addEventListener('close', () => list.node.querySelector<HTMLElement>(`[data-id="${id}"] button`)?.focus())
    section.append(dialog)
  }
  context.live.gaps.on(() => pages.restart(), context.signal)
  const apply = liveChanges(list, pages)
  context.live.events.on(apply, context.signal)
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
  return (event) => {
    const { type, contact } = event
    // Only the server knows whether a search finds a lead that is not shown.
    if (contact && pages.search !== '' && !list.has(contact.id)) pages.refresh()
    else if (contact) pages.put(contact)
    else if (type === 'contact.erased') {
      list.remove(entityIdOf(event))
      pages.settle()
    }
  }
}
