import type { StringFilterInput } from '../shared/filters.ts'
import type { ContactFilterInput } from './contact-filter.ts'

/**
 * How contacts of a condition are found: `few` by an index, which leaves few of them in practice; `some` by an index,
 * though many may match; `none`, not by an index.
 */
type Found = 'few' | 'some' | 'none'

/** Whether contacts of this filter are found by an index, rather than by looking at one after the other. */
export function isFoundByIndex(filter: ContactFilterInput): boolean {
  return foundBy(filter) !== 'none'
}

function foundBy(filter: ContactFilterInput): Found {
  const { and, or, not, email, name, stage, source, utmSource, utmCampaign, metadata, createdAt, lastSeenAt } = filter
  return ofAll([
    ...(and ?? []).map(foundBy),
    ...(or ? [ofAny(or.map(foundBy))] : []),
    ...(not ? (['none'] as const) : []),
    ...[email, name].flatMap((text) => (text ? ([text.isNull == null ? 'few' : 'none'] as const) : [])),
    ...[stage, source, utmSource, utmCampaign].flatMap((text) => (text ? [ofExact(text)] : [])),
    ...(metadata ?? []).map(({ eq }) => (eq == null ? 'none' : 'some')),
    ...[createdAt, lastSeenAt].flatMap((range) => (range ? (['some'] as const) : [])),
  ])
}

function ofExact({ eq, in: values }: StringFilterInput): Found {
  return eq != null || values != null ? 'some' : 'none'
}

/** What is looked for in many that match takes as long as in all. */
function ofAll(parts: readonly Found[]): Found {
  if (parts.includes('few')) return 'few'
  return parts.includes('none') ? 'none' : 'some'
}

function ofAny(parts: readonly Found[]): Found {
  if (parts.includes('none')) return 'none'
  return parts.includes('some') ? 'some' : 'few'
}
