import type { ContactFilter } from '../../../../../generated/graphql/graphql.ts'

/** Names of the filters in the address: `#/leads?stage=lead&from=2026-01-31`. */
export const filterNames = ['search', 'stage', 'source', 'campaign', 'from', 'to', 'metadata'] as const
export type FilterName = (typeof filterNames)[number]

/** Texts of the filters; an empty text is no filter. */
export type LeadFilter = Readonly<Record<FilterName, string>>

export function parseFilter(parameters: URLSearchParams): LeadFilter {
  const textOf = (name: FilterName) => parameters.get(name)?.trim() ?? ''
  return {
    search: textOf('search'),
    stage: textOf('stage'),
    source: textOf('source'),
    campaign: textOf('campaign'),
    from: dayOrNone(textOf('from')),
    to: dayOrNone(textOf('to')),
    metadata: textOf('metadata'),
  }
}

/** Returns the query of an address with these filters: "?stage=lead", or an empty text. */
export function queryOf(filter: LeadFilter): string {
  const parameters = new URLSearchParams()
  for (const name of filterNames) if (filter[name] !== '') parameters.set(name, filter[name])
  return parameters.size === 0 ? '' : `?${parameters}`
}

export function isEmptyFilter(filter: LeadFilter): boolean {
  return filterNames.every((name) => filter[name] === '')
}

/** Returns the filters as the API reads them. */
export function variablesOf(filter: LeadFilter): { readonly filter?: ContactFilter; readonly search?: string } {
  const { search, stage, source, campaign, metadata } = filter
  const createdAt = rangeOf(filter)
  const conditions: ContactFilter = {
    ...(stage !== '' && { stage: { eq: stage } }),
    ...(source !== '' && { source: { contains: source } }),
    ...(campaign !== '' && { utmCampaign: { contains: campaign } }),
    ...(metadata !== '' && { metadata: [metadataFilter(metadata)] }),
    ...(createdAt && { createdAt }),
  }
  return {
    ...(Object.keys(conditions).length > 0 && { filter: conditions }),
    ...(search !== '' && { search }),
  }
}

/** Reads `plan` as "has the key", and `plan=pro` as its value. */
function metadataFilter(text: string): NonNullable<ContactFilter['metadata']>[number] {
  const [key = '', ...value] = text.split('=')
  return value.length === 0 ? { key: key.trim(), exists: true } : { key: key.trim(), eq: value.join('=').trim() }
}

/** Returns the days in the viewer's zone, both included. */
function rangeOf({ from, to }: LeadFilter): ContactFilter['createdAt'] {
  if (from === '' && to === '') return undefined
  return {
    ...(from !== '' && { gte: startOfDay(from, 0).toISOString() }),
    ...(to !== '' && { lt: startOfDay(to, 1).toISOString() }),
  }
}

function startOfDay(day: string, daysLater: number): Date {
  const start = new Date(`${day}T00:00:00`)
  start.setDate(start.getDate() + daysLater)
  return start
}

function dayOrNone(text: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : ''
}
