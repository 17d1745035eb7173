import type { TouchFragment } from '../../generated/graphql/graphql.ts'
import type { ResultOf } from './documents.js'
import { type Child, element, moment, untrustedText } from './element.ts'
import { valueList } from './values.ts'

export type LeadDetails = NonNullable<ResultOf<'LeadDetails'>['contact']>

/** Lists the fields of a lead and its attribution. */
export function leadFacts(lead: LeadDetails): Child {
  const facts: [string, Child][] = [
    ['E-mail', untrustedText(lead.email)],
    ['First name', untrustedText(lead.firstName ?? '–')],
    ['Last name', untrustedText(lead.lastName ?? '–')],
    ['Stage', untrustedText(lead.stage)],
    ['Source', untrustedText(lead.source ?? '–')],
    ['Since', moment(lead.createdAt)],
    ['Changed', moment(lead.updatedAt)],
    ['Last seen', moment(lead.lastSeenAt)],
  ]
  const rows = facts.map(([name, value]) => [element('dt', {}, name), element('dd', {}, value)])
  return [
    element('dl', { class: 'values' }, rows),
    element('h4', {}, 'Metadata'),
    valueList(lead.metadata),
    touch('First touch', lead.firstTouch),
    touch('Last touch', lead.lastTouch),
  ]
}

function touch(name: string, attribution: TouchFragment | null): Child {
  if (attribution === null) return null
  const { capturedAt, ...rest } = attribution
  return [element('h4', {}, name, ' ', element('span', { class: 'soft' }, moment(capturedAt))), valueList(rest)]
}
