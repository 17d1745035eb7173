import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { TestedDeliveryQuery } from '../../../generated/cli/graphql.ts'
import type { Api } from '../../api/api.ts'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import { CliError } from '../../frame/cli-error.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { wholeNumber } from '../../frame/option-values.ts'
import { describeAttempt } from '../deliveries/attempt-text.ts'

const TestWebhook = graphql(`
  mutation TestWebhook($id: ID!) {
    sendTestEvent(endpointId: $id) {
      __typename
      ... on Delivery {
        id
      }
      ... on UserError {
        message
      }
    }
  }
`)

const TestedDelivery = graphql(`
  query TestedDelivery($id: ID!) {
    delivery(id: $id) {
      id
      status
      attemptCount
      attempts {
        number
        startedAt
        durationMs
        responseStatus
        error
        detail
      }
    }
  }
`)

type Tested = NonNullable<TestedDeliveryQuery['delivery']>

const pollMs = 100

/** `rex webhooks test`: sends `webhook.test` to an endpoint, and waits for the first attempt. */
export function addTestWebhook(webhooks: Command, context: CommandContext): void {
  webhooks
    .command('test')
    .description('send the event webhook.test to an endpoint and wait for its response')
    .argument('<id>', 'id of the endpoint')
    .option('--timeout <seconds>', 'longest time to wait', wholeNumber(1, 600), 30)
    .addHelpText('after', examples('rex webhooks test wh_01HQ…'))
    .action(
      clientAction(context, async ({ api, output }, id: string, { timeout }: { timeout: number }) => {
        const sent = expectType((await api.execute(TestWebhook, { id })).sendTestEvent, 'Delivery')
        const delivery = await attempted(api, sent.id, Date.now() + timeout * 1000)
        const outcome = describeAttempt(delivery.attempts.at(-1))
        await output.result({ json: delivery, text: `${delivery.id}: ${outcome}`, ids: [delivery.id] })
        if (delivery.status !== 'SUCCEEDED') throw notDelivered(delivery)
      }),
    )
}

/** Waits until a delivery has been attempted, or the time is over. */
async function attempted(api: Api, id: string, until: number): Promise<Tested> {
  for (;;) {
    const { delivery } = await api.execute(TestedDelivery, { id })
    if (!delivery) throw new CliError(`The delivery ${id} no longer exists.`)
    const isOpen = delivery.status === 'PENDING' && delivery.attempts.length === 0
    if (!isOpen || Date.now() >= until) return delivery
    await sleep(pollMs)
  }
}

function notDelivered({ id, status }: Tested): CliError {
  if (status === 'HELD')
    return new CliError('The endpoint is disabled.', { hint: 'Enable it: rex webhooks update ID --enable' })
  return new CliError('The endpoint has not accepted the test.', { hint: `See rex deliveries show ${id}.` })
}
