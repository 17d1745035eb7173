import type { SourceDetailsFragment } from '../../generated/graphql/graphql.ts'
import { button } from './async-button.ts'
import { element, moment, replaceContent, scopeNotice } from './element.ts'
import { createMappingEditor } from './mapping-editor.ts'
import { createPayloadView } from './payload-view.ts'
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
  const editor = createMappingEditor(context, { id, drafted: () => void view.refresh(), saved })
  const view = createPayloadView(context, { sourceId: id, rules: editor.rules, edit: editor.edit })
  let newestId: string | undefined
  const follow = (submissionId: string) => {
    view.open(submissionId)
    replaceContent(state, submissionId === newestId ? 'The latest payload.' : 'The payload of a held submission.')
  }
  const open = (submissionId: string) => {
    follow(submissionId)
    node.scrollIntoView()
  }
  const arrived: PayloadPanel['arrived'] = (newest) => {
    if (newest === undefined || newest.id === newestId) return
    const isFollowing = view.shown() === newestId && !editor.isChanged()
    newestId = newest.id
    if (isFollowing) return follow(newest.id)
    const showIt = button('Show it', async () => follow(newest.id), { class: 'quiet' })
    replaceContent(state, 'A newer payload has arrived ', moment(newest.receivedAt), '. ', showIt)
  }
  const side = element('div', { class: 'side' }, editor.node, view.result)
  const node = element('div', {}, state, element('div', { class: 'mapping' }, view.table, side))
  return { node, show: editor.show, arrived, open }
}

function nothing(node: HTMLElement): PayloadPanel {
  return { node, show: () => {}, arrived: () => {}, open: () => {} }
}
