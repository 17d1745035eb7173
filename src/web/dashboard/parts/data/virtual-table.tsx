import { type ColumnDef, type RowData, tableFeatures, useTable } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import './table.css'
import './virtual-table.css'

const features = tableFeatures({})

/** Column of a VirtualTable. Keep the list of columns outside of the component, or memoized. */
export type Column<Row extends RowData> = ColumnDef<typeof features, Row>

interface VirtualTableProps<Row extends RowData> {
  /** Name of the table, for screen readers. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly idOf: (row: Row) => string
  /** Called when the reader comes near the last row, to load more. */
  readonly onEnd?: () => void
}

const rowPx = 44

/** Table of any number of rows, of which only those in sight are in the page. */
export function VirtualTable<Row extends RowData>({ label, columns, rows, idOf, onEnd }: VirtualTableProps<Row>) {
  const frame = useRef<HTMLDivElement>(null)
  const table = useTable({ features, columns: [...columns], data: rows as Row[], getRowId: idOf })
  const models = table.getRowModel().rows
  const virtualizer = useVirtualizer({
    count: models.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowPx,
    getItemKey: (nth) => models[nth]?.id ?? nth,
    overscan: 12,
  })
  const items = virtualizer.getVirtualItems()
  const lastShown = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (models.length > 0 && lastShown >= models.length - 5) onEnd?.()
  }, [lastShown, models.length, onEnd])
  const before = items[0]?.start ?? 0
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by its focus.
    <section ref={frame} className="table-frame virtual-frame" tabIndex={0} aria-label={label}>
      <table className="table virtual-table" aria-rowcount={models.length + 1}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} aria-rowindex={1}>
              {group.headers.map((header) => (
                <th key={header.id} scope="col">
                  <table.FlexRender header={header} />
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          <tr aria-hidden style={{ height: before }} />
          {items.map(({ index }) => {
            const row = models[index]
            return (
              row && (
                <tr key={row.id} aria-rowindex={index + 2} data-id={row.id}>
                  {row.getAllCells().map((cell) => (
                    <td key={cell.id}>
                      <table.FlexRender cell={cell} />
                    </td>
                  ))}
                </tr>
              )
            )
          })}
          <tr aria-hidden style={{ height: after }} />
        </tbody>
      </table>
    </section>
  )
}
