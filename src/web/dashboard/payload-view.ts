import type { PreviewFragment } from '../../generated/graphql/graphql.ts'
import { messageOf } from './async-button.ts'
import { candidateTable } from './candidate-table.ts'
import { element } from './element.ts'
import { mapPath, type Rule } from './mapping.ts'
import { previewResult } from './preview-result.ts'
import { unwrapResult } from './problems.ts'
import type { ViewContext } from './view-context.ts'

interface PayloadParts {
  readonly sourceId: string
  rules(): readonly Rule[]
  /** Called with the rules after a field was chosen. */
  edit(rules: readonly Rule[]): void
}

/** Creates the table of a submission's payload, and what the rules make of it. */
export function createPayloadView(context: ViewContext, { sourceId, rules, edit }: PayloadParts) {
  const [result, table] = [element('div'), element('div')]
  let shown: string | undefined
  /** Submission whose values the table has. */
  let tabled: string | undefined
  let turn = 0
  let showRules: (rules: readonly Rule[]) => void = () => {}
  const fill = ({ candidates }: PreviewFragment) => {
    const paths = new Set(candidates.map(({ path }) => path))
    const choose = (path: string, field: string) => edit(mapPath(rules(), { path, field, shown: paths }))
    const made = candidateTable(candidates, context.may('SOURCES_WRITE') ? choose : undefined)
    table.replaceChildren(made.node)
    tabled = shown
    showRules = made.show
  }
  const show = (read: PreviewFragment) => {
    result.replaceChildren(previewResult(read))
    if (tabled !== shown) fill(read)
    showRules(rules())
  }
  /** Reads the payload with the current rules; of several answers the last one counts. */
  const refresh = async () => {
    if (shown === undefined) return
    const mine = ++turn
    const isCurrent = () => mine === turn && !context.signal.aborted
    showRules(rules())
    try {
      const mapping = rules().map(({ field, paths }) => ({ field, paths: [...paths] }))
      const { previewSource } = await context.api.mutate('PreviewSource', {
        input: { sourceId, submissionId: shown, mapping },
      })
      if (isCurrent()) show(unwrapResult<PreviewFragment>(previewSource))
    } catch (error) {
      if (isCurrent()) result.replaceChildren(element('p', { class: 'problem', role: 'status' }, messageOf(error)))
    }
  }
  const open = (submissionId: string) => {
    shown = submissionId
    tabled = undefined
    showRules = () => {}
    table.replaceChildren()
    result.replaceChildren()
    void refresh()
  }
  return { table, result, open, refresh, shown: () => shown }
}
