import { useCallback, useMemo, useRef } from 'react'
import { useSearchParams } from 'wouter'
import { useMay } from '../../../connection/signed-in.tsx'
import { type TableHandle, VirtualTable } from '../../../parts/data/virtual-table.tsx'
import { PageHeader } from '../../../parts/surface/page-header.tsx'
import { navigate } from '../../../routing/fragment-location.ts'
import type { PageProps } from '../../../routing/page-props.ts'
import { ExportButton } from '../export/export-leads.tsx'
import { BulkBar } from './changes/bulk-bar.tsx'
import { useSelection } from './changes/use-selection.ts'
import { useBulkStageChange, useStageChange } from './changes/use-stage-change.ts'
import { useStages } from './changes/use-stages.ts'
import { FilterBar } from './filter-bar.tsx'
import { columnsOf, parseColumnIds } from './lead-columns.tsx'
import { isEmptyFilter, type LeadFilter, parseFilter, queryOf } from './lead-filter.ts'
import { ListContext } from './list-context.ts'
import { Arrivals, Nothing, totalText } from './list-messages.tsx'
import { useStoredValue } from './stored-value.ts'
import { useLeadList } from './use-lead-list.ts'
import { useListKeys } from './use-list-keys.ts'
import { ColumnsMenu, ViewsMenu } from './views-menu.tsx'
import './lead-list.css'

interface LeadListViewProps extends PageProps {
  /** False while the page of a lead covers the list. */
  readonly isShown: boolean
}

/** Live table of leads with search, filters, views and changes of many. */
export function LeadListView({ isShown, openTestLead }: LeadListViewProps) {
  const [parameters] = useSearchParams()
  const filter = parseFilter(parameters)
  const query = queryOf(filter)
  const table = useRef<TableHandle>(null)
  const searchInput = useRef<HTMLInputElement>(null)
  const chosenIds = useRef<ReadonlySet<string>>(new Set())
  const isBeingRead = () => !isShown || chosenIds.current.size > 0 || isInUse(table.current?.frame)
  const { list, state } = useLeadList(filter, isBeingRead)
  const selection = useSelection(state.rows)
  chosenIds.current = selection.ids
  const mayWrite = useMay('CONTACTS_WRITE')
  const stages = useStages(state.rows)
  const changeStage = useStageChange(list)
  const changeStages = useBulkStageChange(list)
  const [columnIds, setColumnIds] = useStoredValue('rex:lead-columns', parseColumnIds)
  const columns = useMemo(() => columnsOf(columnIds, { mayWrite }), [columnIds, mayWrite])
  const loadMore = useCallback(() => list.loadMore(), [list])
  const current = useListKeys({
    isActive: isShown,
    ids: useMemo(() => state.rows.map(({ id }) => id), [state.rows]),
    table: () => table.current,
    onOpen: (id) => navigate(`/leads/${id}${query}`),
    onSelect: (id) => mayWrite && selection.toggle(id),
    onSearch: () => searchInput.current?.focus(),
    onEscape: selection.clear,
  })
  const show = () => {
    list.show()
    table.current?.scrollToRow(0)
  }
  return (
    <ListContext
      value={{ mayWrite, stages, selection, query, changeStage: (lead, stage) => void changeStage(lead, stage) }}
    >
      {isShown && (
        <PageHeader
          title="Leads"
          about={totalText(state)}
          actions={<ListActions query={query} filter={filter} columnIds={columnIds} onColumns={setColumnIds} />}
        />
      )}
      <FilterBar
        filter={filter}
        stages={stages}
        searchInput={searchInput}
        onChange={(part) => setFilter(filter, part)}
      />
      {mayWrite && selection.ids.size > 0 && <BulkBar selection={selection} stages={stages} onChange={changeStages} />}
      <div className="lead-list">
        <Arrivals count={state.waitingCount} onShow={show} />
        <Nothing state={state} isFiltered={!isEmptyFilter(filter)} list={list} openTestLead={openTestLead} />
        {state.rows.length > 0 && (
          <VirtualTable
            label="Leads"
            columns={columns}
            rows={state.rows}
            idOf={idOf}
            onEnd={loadMore}
            handle={table}
            rowProps={({ id }) => ({ 'aria-selected': selection.ids.has(id), 'data-current': id === current })}
          />
        )}
      </div>
    </ListContext>
  )
}

interface ListActionsProps {
  readonly query: string
  readonly filter: LeadFilter
  readonly columnIds: readonly string[]
  readonly onColumns: (ids: readonly string[]) => void
}

function ListActions({ query, filter, columnIds, onColumns }: ListActionsProps) {
  return (
    <>
      <ViewsMenu query={query} />
      <ColumnsMenu chosen={columnIds} onChange={onColumns} />
      <ExportButton filter={filter} />
    </>
  )
}

function idOf({ id }: { readonly id: string }): string {
  return id
}

function setFilter(filter: LeadFilter, part: Partial<LeadFilter>): void {
  navigate(`/leads${queryOf({ ...filter, ...part })}`, { replace: true })
}

/** Returns whether somebody has scrolled, points at a row, or works in the table. */
function isInUse(frame: HTMLElement | null | undefined): boolean {
  if (!frame) return false
  return frame.scrollTop > 0 || frame.matches(':hover') || frame.contains(document.activeElement)
}
