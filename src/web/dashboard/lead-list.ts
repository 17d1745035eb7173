import type { LeadFragment } from '../../generated/graphql/graphql.ts'
import { element, fill, foreign, moment } from './element.ts'

export interface LeadList {
  readonly node: HTMLElement
  isEmpty(): boolean
  has(id: string): boolean
  /** Whether the lead is newer than the oldest that is shown. */
  reaches(lead: LeadFragment): boolean
  /** In its place, or at its place anew; an older version changes nothing. */
  put(lead: LeadFragment): void
  /** For good: what was read before does not bring it back. */
  remove(id: string): void
  clear(): void
}

interface Row {
  readonly node: HTMLTableRowElement
  lead: LeadFragment
}

/** A table of leads, newest first. A row stays the same node when its lead changes, and keeps its focus. */
export function createLeadList(): LeadList {
  const rows = new Map<string, Row>()
  const gone = new Set<string>()
  const body = element('tbody')
  const node = element('div', { class: 'wide' }, element('table', { class: 'leads' }, headRow(), body))

  const put = (lead: LeadFragment) => {
    const known = rows.get(lead.id)
    if (gone.has(lead.id) || (known && known.lead.version >= lead.version)) return
    const row = known ?? { node: element('tr'), lead }
    row.lead = lead
    showLead(row)
    if (known) return
    rows.set(lead.id, row)
    body.insertBefore(row.node, firstOlder(body, rows, lead))
  }
  return {
    node,
    put,
    isEmpty: () => rows.size === 0,
    has: (id) => rows.has(id),
    reaches: (lead) => [...rows.values()].some((row) => isNewer(lead, row.lead)),
    remove: (id) => {
      gone.add(id)
      rows.get(id)?.node.remove()
      rows.delete(id)
    },
    clear: () => {
      rows.clear()
      body.replaceChildren()
    },
  }
}

function headRow(): HTMLElement {
  const names = ['Lead', 'Stage', 'Source', 'Since']
  return element('thead', {}, element('tr', {}, ...names.map((name) => element('th', { scope: 'col' }, name))))
}

function showLead({ node, lead }: Row): void {
  node.dataset['id'] = lead.id
  fill(
    node,
    element(
      'th',
      { scope: 'row' },
      element('strong', {}, foreign(lead.displayName)),
      element('span', { class: 'soft' }, foreign(lead.email)),
    ),
    element('td', {}, foreign(lead.stage)),
    element('td', {}, foreign(lead.source ?? '–')),
    element('td', {}, moment(lead.createdAt)),
  )
}

/** Mostly the one on top: a new lead is newer than all. */
function firstOlder(body: HTMLElement, rows: ReadonlyMap<string, Row>, lead: LeadFragment): Element | null {
  return [...body.children].find((node) => isOlder(rows.get(node.getAttribute('data-id') ?? ''), lead)) ?? null
}

function isOlder(row: Row | undefined, lead: LeadFragment): boolean {
  return row !== undefined && isNewer(lead, row.lead)
}

/** The order of the server: by the time, and among equals by the id. */
function isNewer(one: LeadFragment, other: LeadFragment): boolean {
  if (one.createdAt !== other.createdAt) return one.createdAt > other.createdAt
  return one.id > other.id
}
