import { type ColumnDef, type RowData, tableFeatures, useTable } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ComponentProps, type Ref, useEffect, useImperativeHandle, useRef } from 'react'
import './table.css'
import './virtual-table.css'

const features = tableFeatures({})

/** Column of a VirtualTable. Keep the list of columns outside of the component, or memoized. */
export type Column<Row extends RowData> = ColumnDef<typeof features, Row>

/** Attributes of a row, such as its selection. */
type RowProps = Pick<ComponentProps<'tr'>, 'aria-selected'> & { readonly 'data-current'?: boolean }

/** Moves in a table from outside of it. */
export interface TableHandle {
  readonly frame: HTMLElement | null
  scrollToRow(nth: number): void
}

interface VirtualTableProps<Row extends RowData> {
  /** Name of the table, for screen readers. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly idOf: (row: Row) => string
  /** Called when the reader comes near the last row, to load more. */
  readonly onEnd?: () => void
  readonly rowProps?: (row: Row) => RowProps
  readonly handle?: Ref<TableHandle>
}

const rowPx = 44
/** Rows before the last one at which more are loaded. */
const loadAhead = 25

/** Table of any number of rows, of which only those in sight are in the page. */
export function VirtualTable<Row extends RowData>(props: VirtualTableProps<Row>) {
  const { label, columns, rows, idOf, onEnd, rowProps, handle } = props
  const frame = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowPx,
    getItemKey: (nth) => keyOf(rows[nth], idOf) ?? nth,
    overscan: 12,
  })
  const items = virtualizer.getVirtualItems()
  const inSight = items.flatMap(({ index }) => rows.slice(index, index + 1))
  // The table knows only the rows in sight: a model of each of 100,000 would cost a frame at every change.
  const table = useTable({ features, columns: [...columns], data: inSight, getRowId: idOf })
  useImperativeHandle(handle, () => ({
    frame: frame.current,
    scrollToRow: (nth) => virtualizer.scrollToIndex(nth),
  }))
  const firstShown = items[0]?.index ?? 0
  const lastShown = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (rows.length > 0 && lastShown >= rows.length - loadAhead) onEnd?.()
  }, [lastShown, rows.length, onEnd])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by its focus.
    <section ref={frame} className="table-frame virtual-frame" tabIndex={0} aria-label={label}>
      <table className="table virtual-table" aria-rowcount={rows.length + 1}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} aria-rowindex={1}>
              {group.headers.map((header) => (
                <th key={header.id} scope="col" data-column={header.column.id}>
                  <table.FlexRender header={header} />
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          <tr aria-hidden style={{ height: items[0]?.start ?? 0 }} />
          {table.getRowModel().rows.map((row, nth) => (
            <tr key={row.id} aria-rowindex={firstShown + nth + 2} data-id={row.id} {...rowProps?.(row.original)}>
              {row.getAllCells().map((cell) => (
                <td key={cell.id} data-column={cell.column.id}>
                  <table.FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          ))}
          <tr aria-hidden style={{ height: virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) }} />
        </tbody>
      </table>
    </section>
  )
}

function keyOf<Row>(row: Row | undefined, idOf: (row: Row) => string): string | undefined {
  return row === undefined ? undefined : idOf(row)
}
