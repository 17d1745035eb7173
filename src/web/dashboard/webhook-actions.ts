import type { DeliveryFragment, EndpointFragment, RotateSecretMutation } from '../../generated/graphql/graphql.ts'
import { button } from './async-button.ts'
import { confirmButton } from './confirm-button.ts'
import { element } from './element.ts'
import { unwrapResult } from './problems.ts'
import { secretCard } from './secret-card.ts'
import type { ViewContext } from './view-context.ts'

type Rotated = Extract<RotateSecretMutation['rotateWebhookSecret'], { secret: string }>

interface ActionCallbacks {
  show(endpoint: EndpointFragment): void
  sent(delivery: DeliveryFragment): void
}

/** Creates the buttons that test, switch, rotate and delete a webhook. */
export function webhookActions(context: ViewContext, id: string, { show, sent }: ActionCallbacks) {
  const { api } = context
  const message = element('p', { class: 'problem', role: 'status' })
  const showMessage = (text: string) => message.replaceChildren(text)
  const secret = element('div')
  let isEnabled = true
  const test = async () => {
    const { sendTestEvent: result } = await api.mutate('SendTest', {
      endpointId: id,
      withEvents: context.may('EVENTS_READ'),
    })
    sent(unwrapResult<DeliveryFragment>(result))
  }
  const toggle = async () => {
    const { updateWebhookEndpoint: result } = await api.mutate('SwitchEndpoint', { id, enabled: !isEnabled })
    show(unwrapResult<EndpointFragment>(result))
  }
  const rotate = async () => {
    const { rotateWebhookSecret: result } = await api.mutate('RotateSecret', { id })
    const { endpoint, secret: text } = unwrapResult<Rotated>(result)
    show(endpoint)
    secret.replaceChildren(
      secretCard(text, 'Copy it now: it is not shown again. The old secret stays valid for 24 hours.'),
    )
  }
  const remove = async () => {
    unwrapResult<object>((await api.mutate('DeleteEndpoint', { id })).deleteWebhookEndpoint)
    location.hash = '#webhooks'
  }
  const deletion = {
    name: 'Delete',
    warning: 'This cancels its open deliveries.',
    confirmation: 'Delete permanently',
    showMessage,
  }
  const toggleButton = button('Disable', toggle, { showMessage })
  const buttons = context.may('PII_READ')
    ? [button('Send a test', test, { showMessage }), toggleButton, button('Rotate the secret', rotate, { showMessage })]
    : [toggleButton]
  return {
    node: element(
      'div',
      {},
      element('div', { class: 'buttons' }, buttons, confirmButton(deletion, remove)),
      message,
      secret,
    ),
    show: ({ status }: EndpointFragment) => {
      isEnabled = status === 'ENABLED'
      toggleButton.replaceChildren(isEnabled ? 'Disable' : 'Enable')
    },
  }
}
