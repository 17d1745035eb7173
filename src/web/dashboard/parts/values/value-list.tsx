import type { ReactNode } from 'react'
import { Untrusted } from './untrusted.tsx'
import './value-list.css'

/** Names and values below each other. */
export function ValueList({ rows }: { readonly rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="value-list">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>
            <Untrusted text={name} />
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Returns the entries of a JSON object as rows; empty ones are left out. */
export function rowsOf(value: unknown): [string, ReactNode][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value)
    .filter(([, each]) => each !== null && each !== '')
    .map(([name, each]) => [name, <JsonText key={name} value={each} />])
}

/** A value of other people: texts as they are, anything else as JSON. */
export function JsonText({ value }: { readonly value: unknown }) {
  return <Untrusted text={typeof value === 'string' ? value : JSON.stringify(value)} />
}
