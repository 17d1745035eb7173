import type { LeadFragment } from '../../generated/graphql/graphql.ts'
import { button, wordOf } from './action.ts'
import { element } from './element.ts'
import { succeeded } from './problems.ts'
import { Refusal } from './refusal.ts'
import type { Rex } from './rex.ts'

export interface StageForm {
  readonly node: HTMLElement
  /** The lead as it is now: what was chosen and not saved yet stays chosen. */
  show(lead: LeadFragment | null): void
}

/** Changes the stage of the lead that is shown, and of no newer one. */
export function stageForm(rex: Rex, id: string, reread: () => Promise<void>): StageForm {
  const input = element('input', { id: 'stage', list: 'stages', required: true, autocomplete: 'off' })
  const stages = element('datalist', { id: 'stages' })
  const word = element('p', { class: 'problem', role: 'status' })
  const tell = (text: string) => word.replaceChildren(text)
  let shown: LeadFragment | null = null
  const change = async () => {
    if (shown === null) return
    const variables = { id, expectedVersion: shown.version, stage: input.value.trim() }
    const { updateContact: result } = await rex.api.change('ChangeStage', variables)
    show(succeeded<LeadFragment>(result))
    tell('Saved.')
  }
  const save = async () => {
    try {
      await change()
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'CONFLICT') throw error
      await reread()
      tell('Somebody else has changed this lead meanwhile: this is how it is now. Nothing was saved.')
    }
  }
  const show = (lead: LeadFragment | null) => {
    const isUntouched = shown === null || input.value === shown.stage
    shown = lead
    node.hidden = lead === null
    if (lead && isUntouched) input.value = lead.stage
  }
  const saving = button('Save', save, { tell })
  const submit = (event: Event) => {
    event.preventDefault()
    saving.click()
  }
  const node = element(
    'form',
    { hidden: true, submit },
    element('label', { for: 'stage' }, 'Stage'),
    element('div', { class: 'row' }, input, stages, saving),
    word,
  )
  if (rex.may('ADMIN')) void offerStages(rex, stages).catch((error: unknown) => tell(wordOf(error)))
  return { node, show }
}

/** What the stages are only an admin may know; others are told when one is none. */
async function offerStages({ api }: Rex, list: HTMLElement): Promise<void> {
  const { workspace } = await api.ask('Stages', {})
  list.replaceChildren(...workspace.stages.map((value) => element('option', { value })))
}
