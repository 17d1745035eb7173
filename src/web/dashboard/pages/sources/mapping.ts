/** Rule of a mapping: the first path whose value is not blank gives the field. */
export interface Rule {
  readonly field: string
  readonly paths: readonly string[]
}

/** Names of the fields that a path may be mapped to, besides metadata with a key. */
export const fieldNames: Readonly<Record<string, string>> = {
  email: 'E-mail',
  first_name: 'First name',
  last_name: 'Last name',
  full_name: 'Full name',
  phone: 'Phone',
  company: 'Company',
  source: 'Source',
}

/** Returns the name of a field as a mapping writes it: `first_name`, `metadata.plan`. */
export function fieldName(field: string): string {
  return Object.hasOwn(fieldNames, field) ? (fieldNames[field] ?? field) : field.replace(/^metadata\./, 'Metadata: ')
}

export function fieldOfPath(rules: readonly Rule[], path: string): string {
  return rules.find(({ paths }) => paths.includes(path))?.field ?? ''
}

/**
 * Returns the rules with a path mapped to a field, or to none for ''. The field keeps only those of its other paths
 * that are not among the shown ones: they are for other payloads.
 */
export function mapPath(
  rules: readonly Rule[],
  { path, field, shown }: { readonly path: string; readonly field: string; readonly shown: ReadonlySet<string> },
): Rule[] {
  const others = rules.map((rule) => ({ ...rule, paths: rule.paths.filter((each) => each !== path) }))
  const kept = others.find((rule) => rule.field === field)
  const mapped = { field, paths: [path, ...(kept?.paths.filter((each) => !shown.has(each)) ?? [])] }
  const changed = kept ? others.map((rule) => (rule === kept ? mapped : rule)) : [...others, mapped]
  return (field === '' ? others : changed).filter(({ paths }) => paths.length > 0)
}

export function isSameMapping(one: readonly Rule[], other: readonly Rule[]): boolean {
  const text = (rules: readonly Rule[]) => JSON.stringify(rules.map(({ field, paths }) => [field, paths]))
  return text(one) === text(other)
}
