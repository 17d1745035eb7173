import type { DeliveryFragment, EndpointFragment, RotateSecretMutation } from '../../generated/graphql/graphql.ts'
import { button } from './action.ts'
import { element } from './element.ts'
import { succeeded } from './problems.ts'
import type { Rex } from './rex.ts'
import { secretCard } from './secret-card.ts'

type Rotated = Extract<RotateSecretMutation['rotateWebhookSecret'], { secret: string }>

interface Told {
  show(endpoint: EndpointFragment): void
  sent(delivery: DeliveryFragment): void
}

/** Tests, switches, rotates and deletes a webhook. */
export function webhookActions(rex: Rex, id: string, { show, sent }: Told) {
  const { api } = rex
  const word = element('p', { class: 'problem', role: 'status' })
  const tell = (text: string) => word.replaceChildren(text)
  const secret = element('div')
  let isEnabled = true
  const test = async () => {
    const { sendTestEvent: result } = await api.change('SendTest', {
      endpointId: id,
      withEvents: rex.may('EVENTS_READ'),
    })
    sent(succeeded<DeliveryFragment>(result))
  }
  const flip = async () => {
    const { updateWebhookEndpoint: result } = await api.change('SwitchEndpoint', { id, enabled: !isEnabled })
    show(succeeded<EndpointFragment>(result))
  }
  const rotate = async () => {
    const { rotateWebhookSecret: result } = await api.change('RotateSecret', { id })
    const { endpoint, secret: text } = succeeded<Rotated>(result)
    show(endpoint)
    secret.replaceChildren(secretCard(text, 'Copy it now: it is not shown again. The old one holds for 24 hours.'))
  }
  const remove = async () => {
    succeeded<object>((await api.change('DeleteEndpoint', { id })).deleteWebhookEndpoint)
    location.hash = '#webhooks'
  }
  const switching = button('Disable', flip, { tell })
  const buttons = rex.may('PII_READ')
    ? [button('Send a test', test, { tell }), switching, button('Rotate the secret', rotate, { tell })]
    : [switching]
  return {
    node: element(
      'div',
      {},
      element('div', { class: 'buttons' }, buttons, askedFirst('Delete', remove, tell)),
      word,
      secret,
    ),
    show: ({ status }: EndpointFragment) => {
      isEnabled = status === 'ENABLED'
      switching.replaceChildren(isEnabled ? 'Disable' : 'Enable')
    },
  }
}

/** What cannot be taken back is asked for twice. */
function askedFirst(name: string, work: () => Promise<void>, tell: (word: string) => void): HTMLElement {
  const first = button(name, async () => ask(true), { tell })
  const keep = button('Keep it', async () => ask(false))
  const question = element(
    'span',
    { class: 'buttons', hidden: true },
    'Its deliveries are canceled.',
    button(`${name} for good`, work, { tell, class: 'bad' }),
    keep,
  )
  const ask = (isAsked: boolean) => {
    first.hidden = isAsked
    question.hidden = !isAsked
    ;(isAsked ? keep : first).focus()
  }
  return element('span', {}, first, question)
}
