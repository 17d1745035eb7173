import type { SourceSummaryFragment } from '../../generated/graphql/graphql.ts'
import { badge } from './badge.ts'
import { type Child, element, moment, scopeNotice, untrustedText } from './element.ts'
import { createPages } from './pages.ts'
import { poll } from './polling.ts'
import { createRows, type Rows } from './rows.ts'
import { sourceView } from './source.ts'
import { sourceForm } from './source-form.ts'
import { toolOf } from './source-kind.ts'
import { statsSummary } from './source-stats.ts'
import type { ViewContext } from './view-context.ts'

const refreshMs = 5000

/** Creates the list of sources, or the view of the source in the address. */
export function sourcesView(context: ViewContext, id: string): HTMLElement {
  return id === '' ? listView(context) : sourceView(context, id)
}

function listView(context: ViewContext): HTMLElement {
  const rows = createRows<SourceSummaryFragment>({
    kind: 'sources',
    columns: ['Name', 'Tool', 'Last received', 'In 24 hours'],
    cells,
    isAbove: (one, other) => one.id > other.id,
    isStale: () => false,
  })
  const pages = createPages<SourceSummaryFragment>({
    signal: context.signal,
    read: (after) => readPage(context, after),
    show: (items) => items.forEach(rows.put),
    clear: rows.clear,
    isEmpty: rows.isEmpty,
    emptyMessage: () => 'No sources yet.',
  })
  pages.restart()
  poll(refreshMs, context.signal, () => refresh(context, rows))
  const mayWrite = context.may('SOURCES_WRITE')
  return element(
    'section',
    {},
    mayWrite ? sourceForm(context) : scopeNotice('SOURCES_WRITE', 'Adding a source'),
    element('div', { class: 'wide' }, rows.node),
    pages.node,
  )
}

async function readPage({ api }: ViewContext, after: string | null) {
  return (await api.query('Sources', { after })).sources
}

/** Reads the rows again that are shown. */
async function refresh(context: ViewContext, rows: Rows<SourceSummaryFragment>): Promise<void> {
  for (let after: string | null = null; !context.signal.aborted; ) {
    const { nodes, pageInfo } = await readPage(context, after)
    const shown = nodes.filter(({ id }) => rows.has(id))
    if (context.signal.aborted) return
    shown.forEach(rows.put)
    after = pageInfo.endCursor ?? null
    if (!pageInfo.hasNextPage || shown.length === 0) return
  }
}

function cells(source: SourceSummaryFragment): Child[] {
  const { id, name, kind, enabled, lastReceivedAt } = source
  return [
    element('th', { scope: 'row' }, element('a', { href: `#sources/${id}` }, untrustedText(name))),
    element('td', {}, toolOf(kind).title, enabled ? null : [' ', badge('DISABLED')]),
    element('td', {}, moment(lastReceivedAt)),
    element('td', {}, statsSummary(source)),
  ]
}
