import type { StringFilterInput } from '../../shared/filters.ts'
import type { ContactFilterInput } from './contact-filter.ts'

/**
 * Selectivity of a condition: `few`, an index leaves few contacts in practice; `some`, an index exists, but many contacts
 * may match; `none`, no index exists.
 */
type Selectivity = 'few' | 'some' | 'none'

/** Whether an index finds the contacts of this filter, so that they need not be read one after the other. */
export function isFoundByIndex(filter: ContactFilterInput): boolean {
  return selectivityOf(filter) !== 'none'
}

function selectivityOf(filter: ContactFilterInput): Selectivity {
  const { and, or, not, email, name, stage, source, utmSource, utmCampaign, metadata, createdAt, lastSeenAt } = filter
  return combineAnd([
    ...(and ?? []).map(selectivityOf),
    ...(or ? [combineOr(or.map(selectivityOf))] : []),
    ...(not ? (['none'] as const) : []),
    ...[email, name].flatMap((text) => (text ? ([text.isNull == null ? 'few' : 'none'] as const) : [])),
    ...[stage, source, utmSource, utmCampaign].flatMap((text) => (text ? [exactSelectivity(text)] : [])),
    ...(metadata ?? []).map(({ eq }) => (eq == null ? 'none' : 'some')),
    ...[createdAt, lastSeenAt].flatMap((range) => (range ? (['some'] as const) : [])),
  ])
}

function exactSelectivity({ eq, in: values }: StringFilterInput): Selectivity {
  return eq != null || values != null ? 'some' : 'none'
}

/** Combines conditions with `and`: checking a condition without an index on many rows is as slow as on all rows. */
function combineAnd(parts: readonly Selectivity[]): Selectivity {
  if (parts.includes('few')) return 'few'
  return parts.includes('none') ? 'none' : 'some'
}

function combineOr(parts: readonly Selectivity[]): Selectivity {
  if (parts.includes('none')) return 'none'
  return parts.includes('some') ? 'some' : 'few'
}
