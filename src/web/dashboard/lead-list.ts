import type { LeadFragment } from '../../generated/graphql/graphql.ts'
import { type Child, element, foreign, moment } from './element.ts'
import { createRows, type Rows } from './rows.ts'

/** A table of leads, newest first, in the order of the server: by the time, and among equals by the id. */
export function createLeadList(open: (id: string) => void): Rows<LeadFragment> {
  return createRows<LeadFragment>({
    kind: 'leads',
    columns: ['Lead', 'Stage', 'Source', 'Since'],
    cells: (lead) => cells(lead, open),
    isAbove: (one, other) => (one.createdAt === other.createdAt ? one.id > other.id : one.createdAt > other.createdAt),
    isStale: (lead, known) => known.version >= lead.version,
  })
}

function cells(lead: LeadFragment, open: (id: string) => void): Child[] {
  const { id, displayName, email, stage, source, createdAt } = lead
  return [
    element(
      'th',
      { scope: 'row' },
      element('button', { type: 'button', class: 'name', click: () => open(id) }, foreign(displayName)),
      element('span', { class: 'soft' }, foreign(email)),
    ),
    element('td', {}, foreign(stage)),
    element('td', {}, foreign(source ?? '–')),
    element('td', {}, moment(createdAt)),
  ]
}
