import type { Command } from 'commander'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { wholeNumber } from '../../frame/option-values.ts'
import { localTime } from '../../output/words.ts'

const RotateWebhook = graphql(`
  mutation RotateWebhook($id: ID!, $overlapHours: Int!) {
    rotateWebhookSecret(id: $id, overlapHours: $overlapHours) {
      __typename
      ... on WebhookSecretSuccess {
        secret
        endpoint {
          id
          url
          previousSecretExpiresAt
        }
      }
      ... on UserError {
        message
      }
      ... on ValidationError {
        issues {
          path
          message
        }
      }
    }
  }
`)

/** `rex webhooks rotate`: a new secret beside the old one. */
export function addRotateWebhook(webhooks: Command, context: CommandContext): void {
  webhooks
    .command('rotate')
    .description('create a new secret, which is shown only now; the old one stays valid for the overlap')
    .argument('<id>', 'id of the endpoint')
    .option('--overlap-hours <hours>', 'hours for which both secrets are valid', wholeNumber(0, 168), 24)
    .addHelpText('after', examples('rex webhooks rotate wh_01HQ…', 'rex webhooks rotate wh_01HQ… --overlap-hours 0'))
    .action(
      clientAction(context, async ({ api, output }, id: string, { overlapHours }: { overlapHours: number }) => {
        const result = (await api.execute(RotateWebhook, { id, overlapHours })).rotateWebhookSecret
        const { endpoint, secret } = expectType(result, 'WebhookSecretSuccess')
        const until = endpoint.previousSecretExpiresAt
        const old = until ? `The old secret is valid until ${localTime(until)}.` : 'The old secret is no longer valid.'
        await output.result({ json: { ...endpoint, secret }, text: `Secret: ${secret}\n${old}`, ids: [id] })
      }),
    )
}
