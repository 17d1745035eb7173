import type { SourceDetailsFragment } from '../../generated/graphql/graphql.ts'
import { button } from './async-button.ts'
import { element } from './element.ts'
import { isSameMapping, type Rule } from './mapping.ts'
import { unwrapResult } from './problems.ts'
import { createRuleList } from './rule-list.ts'
import type { ViewContext } from './view-context.ts'

interface EditorParts {
  readonly id: string
  /** Called with every change of the rules, saved or not. */
  readonly drafted: (rules: readonly Rule[]) => void
  readonly saved: (source: SourceDetailsFragment) => void
}

/** Creates the rules of a source: a change counts once it is saved. */
export function createMappingEditor(context: ViewContext, { id, drafted, saved }: EditorParts) {
  const message = element('p', { class: 'problem', role: 'status' })
  const showMessage = (text: string) => message.replaceChildren(text)
  let stored: readonly Rule[] = []
  let draft: readonly Rule[] = []
  const isChanged = () => !isSameMapping(draft, stored)
  const edit = (rules: readonly Rule[]) => {
    draft = rules
    list.show(rules)
    buttons.hidden = !isChanged()
    showMessage('')
    drafted(rules)
  }
  const save = async () => {
    const mapping = draft.map(({ field, paths }) => ({ field, paths: [...paths] }))
    const { updateSource: result } = await context.api.mutate('UpdateSource', { input: { id, mapping } })
    const source = unwrapResult<SourceDetailsFragment>(result)
    stored = source.mapping
    edit(source.mapping)
    saved(source)
    showMessage('Saved. What is held can be released with this mapping.')
  }
  const mayWrite = context.may('SOURCES_WRITE')
  const list = createRuleList(mayWrite ? (rule) => edit(draft.filter((each) => each !== rule)) : undefined)
  const buttons = element(
    'div',
    { class: 'buttons', hidden: true },
    button('Save the mapping', save, { showMessage }),
    button('Discard', async () => edit(stored)),
  )
  list.show(draft)
  return {
    node: element('div', {}, element('h3', {}, 'Mapping'), list.node, buttons, message),
    isChanged,
    edit,
    rules: () => draft,
    /** Shows the stored rules, unless others are being edited. */
    show: ({ mapping }: SourceDetailsFragment) => {
      if (isSameMapping(mapping, stored)) return
      const wasChanged = isChanged()
      stored = mapping
      if (!wasChanged) edit(mapping)
    },
  }
}
