import type { Command } from 'commander'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { confirm } from '../../frame/confirm.ts'
import { examples } from '../../frame/examples.ts'

const DeleteWebhook = graphql(`
  mutation DeleteWebhook($id: ID!) {
    deleteWebhookEndpoint(id: $id) {
      __typename
      ... on DeleteSuccess {
        deletedId
      }
      ... on UserError {
        message
      }
    }
  }
`)

/** `rex webhooks delete`: deletes an endpoint; what is open is canceled. */
export function addDeleteWebhook(webhooks: Command, context: CommandContext): void {
  webhooks
    .command('delete')
    .description('delete an endpoint; its open deliveries are canceled')
    .argument('<id>', 'id of the endpoint')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('rex webhooks delete wh_01HQ… --yes'))
    .action(
      clientAction(context, async ({ api, output }, id: string, { yes }: { yes?: boolean }) => {
        await confirm(context, `${id} is deleted, and its open deliveries are canceled.`, yes)
        const result = (await api.execute(DeleteWebhook, { id })).deleteWebhookEndpoint
        const { deletedId } = expectType(result, 'DeleteSuccess')
        await output.result({ json: { deletedId }, text: `Deleted ${deletedId}.`, ids: [deletedId] })
      }),
    )
}
