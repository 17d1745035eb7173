import type { Metadata, MetadataValue } from '../../contacts/contact.ts'
import {
  checkCapturedLength,
  cutToCapturedLength,
  maxMetadataKeys,
  type Problems,
} from '../../contacts/field-checks.ts'
import type { PostedValues } from './posted-values.ts'

/** Metadata of a contact, and whether some of the posted keys have no room in it. */
export interface ReadMetadata {
  readonly metadata: Metadata
  readonly isCut: boolean
}

/**
 * Returns the metadata that a contact gets: at most 50 keys, the first ones of the body. Of values with the same key
 * those in `metadata` win over others, and then plain keys over labels; labels with the same slug are joined, sorted by
 * label, since the database does not keep the order of fields.
 * @param keptKeys the keys that were kept when the body came, where its order is lost
 */
export function readMetadata(
  posted: readonly PostedValues[],
  problems: Problems,
  keptKeys?: readonly string[],
): ReadMetadata {
  const byKey = Map.groupBy(posted.map(ranked), ({ item }) => item.key)
  const kept = keptKeys?.filter((key) => byKey.has(key)) ?? [...byKey.keys()].slice(0, maxMetadataKeys)
  const entries = kept.map((key) => [key, resolvedValue(key, byKey.get(key) ?? [], problems)] as const)
  return { metadata: Object.fromEntries(entries), isCut: byKey.size > maxMetadataKeys }
}

interface Ranked {
  readonly item: PostedValues
  /** The lowest rank wins. */
  readonly rank: number
}

function ranked(item: PostedValues): Ranked {
  const rank = item.isGiven ? 0 : 2
  return { item, rank: item.isPlain ? rank : rank + 1 }
}

function resolvedValue(key: string, all: readonly Ranked[], problems: Problems): MetadataValue {
  const best = Math.min(...all.map(({ rank }) => rank))
  const items = all.filter(({ rank }) => rank === best).map(({ item }) => item)
  const [first] = items
  const [value] = first?.values ?? []
  if (items.length > 1 || value === undefined || first?.isList) return cutToCapturedLength(key, joined(items))
  checkCapturedLength(key, value, `metadata.${key}`, problems)
  return value
}

/** Joins lists as they came; of several labels each value counts once. */
function joined(items: readonly PostedValues[]): string {
  const [only, ...others] = items
  if (only !== undefined && others.length === 0) return only.values.join(', ')
  const sorted = items.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
  return [...new Set(sorted.flatMap(({ values }) => values.map(String)))].join(', ')
}

function idOf({ names }: PostedValues): string {
  return names.join('\u0000')
}
