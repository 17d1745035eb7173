import type { CreateEndpointMutation } from '../../generated/graphql/graphql.ts'
import { element } from './element.ts'
import { labelled } from './labelled.ts'
import { onSubmit, problemAt, unwrapResult } from './problems.ts'
import type { ViewContext } from './view-context.ts'

export type Created = Extract<CreateEndpointMutation['createWebhookEndpoint'], { secret: string }>

const kinds = [
  { type: 'contact.created', name: 'New leads', checked: true },
  { type: 'contact.updated', name: 'Changed leads', checked: false },
  { type: 'contact.erased', name: 'Erased leads', checked: false },
  { type: '*', name: 'Everything', checked: false },
]

/** Creates the form for a new webhook: its URL, events and description. */
export function endpointForm(context: ViewContext, created: (endpoint: Created) => void): HTMLElement {
  const url = element('input', { id: 'url', type: 'url', required: true, placeholder: 'https://example.com/hooks/rex' })
  const description = element('input', { id: 'description' })
  const boxes = kinds.map(({ type, checked }) => element('input', { type: 'checkbox', value: type, id: type, checked }))
  const problem = element('p', { class: 'problem', role: 'status' })
  const create = async () => {
    const events = boxes.filter((box) => box.checked).map((box) => box.value)
    const input = { url: url.value.trim(), events, description: description.value.trim() || null }
    const { createWebhookEndpoint: result } = await context.api.mutate('CreateEndpoint', { input })
    created(unwrapResult<Created>(result))
    form.reset()
  }
  const form = element(
    'form',
    { class: 'card' },
    element('h3', {}, 'New webhook'),
    labelled('URL', url, 'url'),
    choices(boxes),
    labelled('Description', description, 'description'),
    element('button', {}, 'Create'),
    problem,
  )
  onSubmit(form, create, (message) => problem.replaceChildren(message))
  return form
}

function choices(boxes: readonly HTMLInputElement[]): HTMLElement {
  const labels = boxes.map((box, nth) => element('label', { class: 'choice' }, box, ' ', kinds[nth]?.name))
  return element('fieldset', {}, element('legend', {}, 'Events'), labels, problemAt('events'))
}
