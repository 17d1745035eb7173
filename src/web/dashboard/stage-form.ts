import type { LeadFragment } from '../../generated/graphql/graphql.ts'
import { button, messageOf } from './async-button.ts'
import { element } from './element.ts'
import { unwrapResult } from './problems.ts'
import { Refusal } from './refusal.ts'
import type { ViewContext } from './view-context.ts'

export interface StageForm {
  readonly node: HTMLElement
  /** Shows the current lead; a stage that was entered but not saved stays entered. */
  show(lead: LeadFragment | null): void
}

/** Creates the form that changes the stage of the shown version of a lead, but not of a newer version. */
export function stageForm(context: ViewContext, id: string, reread: () => Promise<void>): StageForm {
  const input = element('input', { id: 'stage', list: 'stages', required: true, autocomplete: 'off' })
  const stages = element('datalist', { id: 'stages' })
  const message = element('p', { class: 'problem', role: 'status' })
  const showMessage = (text: string) => message.replaceChildren(text)
  let shown: LeadFragment | null = null
  const change = async () => {
    if (shown === null) return
    const variables = { id, expectedVersion: shown.version, stage: input.value.trim() }
    const { updateContact: result } = await context.api.mutate('ChangeStage', variables)
    show(unwrapResult<LeadFragment>(result))
    showMessage('Saved.')
  }
  const save = async () => {
    try {
      await change()
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'CONFLICT') throw error
      await reread()
      showMessage('Someone else has changed this lead. You now see its current state. Your change was not saved.')
    }
  }
  const show = (lead: LeadFragment | null) => {
    const isUntouched = shown === null || input.value === shown.stage
    shown = lead
    node.hidden = lead === null
    if (lead && isUntouched) input.value = lead.stage
  }
  const saving = button('Save', save, { showMessage })
  const submit = (event: Event) => {
    event.preventDefault()
    saving.click()
  }
  const node = element(
    'form',
    { hidden: true, submit },
    element('label', { for: 'stage' }, 'Stage'),
    element('div', { class: 'row' }, input, stages, saving),
    message,
  )
  if (context.may('ADMIN')) void offerStages(context, stages).catch((error: unknown) => showMessage(messageOf(error)))
  return { node, show }
}

/** Lists the stages as suggestions. Only admins can read them; others get an error for an unknown stage. */
async function offerStages({ api }: ViewContext, list: HTMLElement): Promise<void> {
  const { workspace } = await api.query('Stages', {})
  list.replaceChildren(...workspace.stages.map((value) => element('option', { value })))
}
