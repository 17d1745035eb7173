import type { Command } from 'commander'
import type { CreateWebhookEndpointInput } from '../../../generated/cli/graphql.ts'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { collectList, wholeNumber } from '../../frame/option-values.ts'

const CreateWebhook = graphql(`
  mutation CreateWebhook($input: CreateWebhookEndpointInput!) {
    createWebhookEndpoint(input: $input) {
      __typename
      ... on WebhookSecretSuccess {
        secret
        endpoint {
          id
          url
          description
          events
          status
          maxInFlight
          createdAt
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

interface CreateOptions {
  readonly url: string
  readonly events?: readonly string[]
  readonly description?: string
  readonly secret?: string
  readonly maxInFlight?: number
}

/** `rex webhooks create`: a new endpoint, and its secret. */
export function addCreateWebhook(webhooks: Command, context: CommandContext): void {
  webhooks
    .command('create')
    .description('create an endpoint; its secret is shown only now')
    .requiredOption('--url <url>', 'address that is notified')
    .option('--events <types>', 'types of events, separated by commas; * for all [contact.created]', collectList)
    .option('--description <text>', 'description')
    .option('--secret <secret>', 'secret of your own; left out: a new one')
    .option('--max-in-flight <number>', 'most attempts at a time [10]', wholeNumber(1, 100))
    .addHelpText(
      'after',
      examples(
        'rex webhooks create --url https://example.com/hooks',
        'rex webhooks create --url https://example.com/hooks --events contact.created,contact.updated',
      ),
    )
    .action(
      clientAction(context, async ({ api, output }, options: CreateOptions) => {
        const result = (await api.execute(CreateWebhook, { input: inputOf(options) })).createWebhookEndpoint
        const { endpoint, secret } = expectType(result, 'WebhookSecretSuccess')
        const text = `Created ${endpoint.id} for ${endpoint.url} (${endpoint.events.join(', ')}).\nSecret: ${secret}`
        await output.result({ json: { ...endpoint, secret }, text, ids: [endpoint.id] })
        output.note(`Send a test: rex webhooks test ${endpoint.id}`)
      }),
    )
}

function inputOf({ url, events, description, secret, maxInFlight }: CreateOptions): CreateWebhookEndpointInput {
  return {
    url,
    ...(events && { events: [...events] }),
    ...(description !== undefined && { description }),
    ...(secret !== undefined && { secret }),
    ...(maxInFlight !== undefined && { maxInFlight }),
  }
}
