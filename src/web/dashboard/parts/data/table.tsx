import type { ReactNode } from 'react'
import './table.css'

interface TableProps {
  /** Name of the table, for screen readers. */
  readonly label: string
  readonly columns: readonly string[]
  /** Rows of `<tr>`. */
  readonly children: ReactNode
}

/** Table of some rows that scrolls sideways by itself where it is narrow. Long lists are a VirtualTable. */
export function Table({ label, columns, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by its focus.
    <section className="table-frame" tabIndex={0} aria-label={label}>
      <table className="table">
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  )
}
