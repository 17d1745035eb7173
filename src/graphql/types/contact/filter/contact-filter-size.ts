import { refusal } from '../../../execution/errors.ts'
import type { StringFilterInput } from '../../shared/filters.ts'
import type { ContactFilterInput } from './contact-filter.ts'

const maxConditions = 200
const maxDepth = 16

/**
 * Checks the size of a filter, because SQL with thousands of conditions blocks the database for half a minute.
 * @throws BAD_USER_INPUT
 */
export function checkFilterSize(filter: ContactFilterInput): void {
  if (conditionsOf(filter, maxDepth) > maxConditions)
    throw refusal(
      'BAD_USER_INPUT',
      `A filter may have at most ${maxConditions} conditions and at most ${maxDepth} levels.`,
    )
}

function conditionsOf(filter: ContactFilterInput, levels: number): number {
  if (levels === 0) return Number.POSITIVE_INFINITY
  const { and, or, not, name, utmSource, utmCampaign, metadata, ...columns } = filter
  const inner = [...(and ?? []), ...(or ?? []), ...(not ? [not] : [])]
  const own =
    Object.values(columns).filter((condition) => condition != null).length +
    (metadata?.length ?? 0) +
    namesIn(name) +
    valuesIn(utmSource) +
    valuesIn(utmCampaign)
  return inner.reduce((total, each) => total + 1 + conditionsOf(each, levels - 1), own)
}

/** Counts the values: metadata has one condition per value, while a list for a column is one condition. */
function valuesIn(filter: StringFilterInput | null | undefined): number {
  return filter == null ? 0 : (filter.in?.length ?? 1)
}

/** Counts the words, because each space may separate the first and the last name. */
function namesIn(filter: StringFilterInput | null | undefined): number {
  if (filter == null) return 0
  const texts = [filter.eq, filter.contains, filter.startsWith, ...(filter.in ?? [])]
  return texts.reduce((total, text) => total + (text?.split(' ').length ?? 0), 1)
}
