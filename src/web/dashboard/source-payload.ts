import type { PreviewFragment, SourceDetailsFragment } from '../../generated/graphql/graphql.ts'
import { button, messageOf } from './async-button.ts'
import { candidateTable } from './candidate-table.ts'
import { element, moment, replaceContent, scopeNotice } from './element.ts'
import { mapPath, type Rule } from './mapping.ts'
import { createMappingEditor } from './mapping-editor.ts'
import { previewResult } from './preview-result.ts'
import { unwrapResult } from './problems.ts'
import type { ViewContext } from './view-context.ts'

interface Newest {
  readonly id: string
  readonly receivedAt: string
}

interface PayloadPanel {
  readonly node: HTMLElement
  show(source: SourceDetailsFragment): void
  /** Shows the newest payload, unless somebody maps another one. */
  arrived(newest: Newest | undefined): void
  /** Shows the payload of this submission. */
  open(submissionId: string): void
}

/** Creates the panel in which a payload is mapped by choosing fields, with the result before it is saved. */
export function createPayloadPanel(
  context: ViewContext,
  id: string,
  saved: (source: SourceDetailsFragment) => void,
): PayloadPanel {
  const missing = (['CONTACTS_READ', 'PII_READ'] as const).find((scope) => !context.may(scope))
  if (missing) return nothing(scopeNotice(missing, 'The latest payload'))
  const state = element('p', { class: 'soft', role: 'status' }, 'Waiting for the first payload …')
  const [result, table] = [element('div'), element('div')]
  const editor = createMappingEditor(context, { id, drafted: () => void preview(), saved })
  let shown: string | undefined
  /** Submission whose values the table has. */
  let tabled: string | undefined
  let newestId: string | undefined
  let turn = 0
  let showRules: (rules: readonly Rule[]) => void = () => {}
  const choose = (shownPaths: ReadonlySet<string>) => (path: string, field: string) =>
    editor.edit(mapPath(editor.rules(), { path, field, shown: shownPaths }))
  const showTable = ({ candidates }: PreviewFragment) => {
    const paths = new Set(candidates.map(({ path }) => path))
    const made = candidateTable(candidates, context.may('SOURCES_WRITE') ? choose(paths) : undefined)
    table.replaceChildren(made.node)
    tabled = shown
    showRules = made.show
  }
  const preview = async () => {
    if (shown === undefined) return
    const mine = ++turn
    const mapping = editor.rules().map(({ field, paths }) => ({ field, paths: [...paths] }))
    showRules(mapping)
    try {
      const input = { sourceId: id, submissionId: shown, mapping }
      const { previewSource } = await context.api.mutate('PreviewSource', { input })
      const read = unwrapResult<PreviewFragment>(previewSource)
      if (mine !== turn || context.signal.aborted) return
      result.replaceChildren(previewResult(read))
      if (tabled !== shown) showTable(read)
      showRules(mapping)
    } catch (error) {
      if (mine === turn) result.replaceChildren(element('p', { class: 'problem', role: 'status' }, messageOf(error)))
    }
  }
  const open = (submissionId: string) => {
    shown = submissionId
    tabled = undefined
    table.replaceChildren()
    replaceContent(state, submissionId === newestId ? 'The latest payload.' : 'The payload of a held submission.')
    void preview()
  }
  const arrived: PayloadPanel['arrived'] = (newest) => {
    if (newest === undefined || newest.id === newestId) return
    const isFollowing = shown === newestId && !editor.isChanged()
    newestId = newest.id
    if (isFollowing) return open(newest.id)
    replaceContent(
      state,
      'A newer payload has arrived ',
      moment(newest.receivedAt),
      '. ',
      button('Show it', async () => open(newest.id), { class: 'quiet' }),
    )
  }
  return { node: element('div', {}, state, table, editor.node, result), show: editor.show, arrived, open }
}

function nothing(node: HTMLElement): PayloadPanel {
  return { node, show: () => {}, arrived: () => {}, open: () => {} }
}
