import type { Command } from 'commander'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'

const RetryDelivery = graphql(`
  mutation RetryDelivery($id: ID!) {
    retryDelivery(id: $id) {
      __typename
      ... on Delivery {
        id
        status
        attemptCount
        nextAttemptAt
      }
      ... on UserError {
        message
      }
    }
  }
`)

/** `rex deliveries retry`: sends a delivery now. */
export function addRetryDelivery(deliveries: Command, context: CommandContext): void {
  deliveries
    .command('retry')
    .description('send a delivery again, now')
    .argument('<id>', 'id of the delivery')
    .addHelpText('after', examples('rex deliveries retry dlv_01HQ…'))
    .action(
      clientAction(context, async ({ api, output }, id: string) => {
        const result = (await api.execute(RetryDelivery, { id })).retryDelivery
        const { __typename, ...delivery } = expectType(result, 'Delivery')
        await output.result({ json: delivery, text: `${id} is sent again now.`, ids: [id] })
        output.note(`See rex deliveries show ${id}.`)
      }),
    )
}
