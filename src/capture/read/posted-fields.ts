import { isObject } from '../../contacts/field-checks.ts'

/** Field that may become metadata: one in `metadata`, or one beside it. */
export interface PostedField {
  readonly name: string
  readonly value: unknown
  readonly isGiven: boolean
}

/** Returns the fields beside `metadata` and those in it, in the order of the body. */
export function listPostedFields(body: Readonly<Record<string, unknown>>): PostedField[] {
  return Object.entries(body).flatMap(([name, value]): PostedField[] => {
    if (name !== 'metadata') return [{ name, value, isGiven: false }]
    return isObject(value)
      ? Object.entries(value).map(([key, child]) => ({ name: key, value: child, isGiven: true }))
      : []
  })
}

/**
 * Sorts fields by their places in a form. The object that is made of a form has `metadata` in one piece, and names
 * such as `1` before all others.
 * @param places places of the form, as `placeOf` returns them; fields without one come last
 */
export function sortByPlace(fields: readonly PostedField[], places: readonly string[]): readonly PostedField[] {
  if (places.length === 0) return fields // JSON has the order of the body itself.
  const nth = new Map<string, number>()
  for (const place of places) if (!nth.has(place)) nth.set(place, nth.size)
  const indexOf = (field: PostedField) => nth.get(placeOf(field)) ?? nth.size
  return fields.toSorted((a, b) => indexOf(a) - indexOf(b))
}

/** Names the place of a field in a form. */
export function placeOf({ name, isGiven }: Omit<PostedField, 'value'>): string {
  return isGiven ? `metadata[${name}]` : name
}
