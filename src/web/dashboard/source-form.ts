import type { SourceDetailsFragment, SourceKind } from '../../generated/graphql/graphql.ts'
import { element } from './element.ts'
import { labelled } from './labelled.ts'
import { onSubmit, unwrapResult } from './problems.ts'
import { tools } from './source-kind.ts'
import type { ViewContext } from './view-context.ts'

/** Creates the form for a new source: its tool, name and secret. It opens the new source. */
export function sourceForm(context: ViewContext): HTMLElement {
  const options = tools.map(({ kind, title }) => element('option', { value: kind }, title))
  const kind = element('select', { id: 'kind' }, options)
  const name = element('input', { id: 'name', required: true, placeholder: 'Pricing page', autocomplete: 'off' })
  const secret = element('input', { id: 'source-secret', type: 'password', autocomplete: 'new-password' })
  const problem = element('p', { class: 'problem', role: 'status' })
  const create = async () => {
    const chosen = tools[kind.selectedIndex]?.kind ?? ('GENERIC' satisfies SourceKind)
    const input = { kind: chosen, name: name.value.trim(), secret: secret.value || null }
    const { createSource: result } = await context.api.mutate('CreateSource', { input })
    const { id } = unwrapResult<SourceDetailsFragment>(result)
    if (!context.signal.aborted) location.hash = `#sources/${id}`
  }
  const form = element(
    'form',
    { class: 'card' },
    element('h3', {}, 'Add a source'),
    labelled('Tool', kind, 'kind'),
    labelled('Name', name, 'name'),
    labelled('Secret (optional)', secret, 'secret'),
    element('p', { class: 'soft' }, 'With the secret that the tool signs with, forged requests are refused.'),
    element('button', {}, 'Add'),
    problem,
  )
  onSubmit(form, create, (message) => problem.replaceChildren(message))
  return form
}
