import { Untrusted } from './untrusted.tsx'
import { ValueList } from './value-list.tsx'
import './field-list.css'

/** Posted fields as names and values. */
export function FieldList({ values }: { readonly values: unknown }) {
  const rows = flatten(values)
  if (rows.length === 0) return <p className="soft">None.</p>
  return (
    <div className="field-list">
      <ValueList rows={rows.map(([name, value]) => [name, <Untrusted key={name} text={value} />] as const)} />
    </div>
  )
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
