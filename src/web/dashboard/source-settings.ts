import type { SourceDetailsFragment } from '../../generated/graphql/graphql.ts'
import { button } from './async-button.ts'
import { element } from './element.ts'
import { labelled } from './labelled.ts'
import { onSubmit, unwrapResult } from './problems.ts'
import type { ViewContext } from './view-context.ts'

/** Creates the form that changes the name and the secret of a source; what was entered stays until it is saved. */
export function sourceSettings(context: ViewContext, id: string, changed: (source: SourceDetailsFragment) => void) {
  const name = element('input', { id: 'source-name', required: true, autocomplete: 'off' })
  const secret = element('input', { id: 'source-secret', type: 'password', autocomplete: 'new-password' })
  const header = element('input', { id: 'source-header', placeholder: 'X-Webhook-Secret', autocomplete: 'off' })
  const headerField = labelled('Header of the secret', header, 'header')
  const message = element('p', { class: 'problem', role: 'status' })
  const showMessage = (text: string) => message.replaceChildren(text)
  let shown: SourceDetailsFragment | undefined
  const update = async (change: { name?: string; secret?: string | null; header?: string | null }) => {
    const { updateSource: result } = await context.api.mutate('UpdateSource', { input: { id, ...change } })
    secret.value = ''
    shown = undefined
    changed(unwrapResult<SourceDetailsFragment>(result))
    showMessage('Saved.')
  }
  const removal = button('Remove the secret', () => update({ secret: null }), { showMessage })
  const form = element(
    'form',
    {},
    labelled('Name', name, 'name'),
    labelled('New secret', secret, 'secret'),
    headerField,
    element('p', { class: 'soft' }, 'Blank keeps the secret. A replaced one stays valid for 24 hours.'),
    element('div', { class: 'buttons' }, element('button', {}, 'Save'), removal),
    message,
  )
  const save = () =>
    update({
      name: name.value.trim(),
      ...(secret.value && { secret: secret.value }),
      ...(!headerField.hidden && { header: header.value.trim() || null }),
    })
  onSubmit(form, save, showMessage)
  return {
    node: element('details', {}, element('summary', {}, 'Name and secret'), form),
    show: (source: SourceDetailsFragment) => {
      if (shown === undefined || name.value === shown.name) name.value = source.name
      if (shown === undefined || header.value === (shown.header ?? '')) header.value = source.header ?? ''
      headerField.hidden = source.kind !== 'GENERIC'
      removal.hidden = !source.verified
      shown = source
    },
  }
}
