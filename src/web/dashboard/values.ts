import { element, untrustedText } from './element.ts'

/** Lists posted fields as names and values. */
export function valueList(values: unknown): HTMLElement {
  const rows = flatten(values).map(([name, value]) => [
    element('dt', {}, untrustedText(name)),
    element('dd', {}, untrustedText(value)),
  ])
  if (rows.length === 0) return element('p', { class: 'soft' }, 'None.')
  return element('dl', { class: 'values' }, rows)
}

/** Flattens nested values to dotted names: `metadata.utm_source`. A list of texts is one value. */
function flatten(values: unknown, prefix = ''): [string, string][] {
  if (typeof values !== 'object' || values === null) return []
  return Object.entries(values).flatMap(([name, value]): [string, string][] => {
    if (Array.isArray(value) && !value.some((item) => typeof item === 'object'))
      return [[`${prefix}${name}`, value.join(', ')]]
    if (typeof value === 'object' && value !== null) return flatten(value, `${prefix}${name}.`)
    return value === null ? [] : [[`${prefix}${name}`, String(value)]]
  })
}
