import type { LeadFragment } from '../../generated/graphql/graphql.ts'
import { type Child, element, moment, untrustedText } from './element.ts'
import { createRows, type Rows } from './rows.ts'

/** Creates a table of leads, newest first, in the order of the server: by time, then by id. */
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
      element('button', { type: 'button', class: 'name', click: () => open(id) }, untrustedText(displayName)),
      element('span', { class: 'soft' }, untrustedText(email)),
    ),
    element('td', {}, untrustedText(stage)),
    element('td', {}, untrustedText(source ?? '–')),
    element('td', {}, moment(createdAt)),
  ]
}
