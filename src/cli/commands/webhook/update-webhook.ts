import type { Command } from 'commander'
import type { UpdateWebhookEndpointInput } from '../../../generated/cli/graphql.ts'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import { changeInput, enabledBy } from '../../frame/changes.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { collectList, wholeNumber } from '../../frame/option-values.ts'

const UpdateWebhook = graphql(`
  mutation UpdateWebhook($input: UpdateWebhookEndpointInput!) {
    updateWebhookEndpoint(input: $input) {
      __typename
      ... on WebhookEndpoint {
        id
        url
        description
        events
        status
        maxInFlight
        updatedAt
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

interface UpdateOptions {
  readonly url?: string
  readonly events?: readonly string[]
  readonly description?: string
  readonly maxInFlight?: number
  readonly enable?: boolean
  readonly disable?: boolean
}

/** `rex webhooks update`: changes an endpoint. */
export function addUpdateWebhook(webhooks: Command, context: CommandContext): void {
  webhooks
    .command('update')
    .description('change, enable or disable an endpoint')
    .argument('<id>', 'id of the endpoint')
    .option('--url <url>', 'new address')
    .option('--events <types>', 'new types of events, separated by commas', collectList)
    .option('--description <text>', 'new description; an empty one clears it')
    .option('--max-in-flight <number>', 'most attempts at a time', wholeNumber(1, 100))
    .option('--enable', 'send again, with what was held')
    .option('--disable', 'hold its deliveries')
    .addHelpText(
      'after',
      examples('rex webhooks update wh_01HQ… --events "*"', 'rex webhooks update wh_01HQ… --disable'),
    )
    .action(
      clientAction(context, async ({ api, output }, id: string, options: UpdateOptions) => {
        const input = inputOf(id, options)
        const result = (await api.execute(UpdateWebhook, { input })).updateWebhookEndpoint
        const { __typename, ...endpoint } = expectType(result, 'WebhookEndpoint')
        const state = `${endpoint.status.toLowerCase()}, ${endpoint.events.join(', ')}`
        await output.result({ json: endpoint, text: `Changed ${id}: ${endpoint.url} (${state}).`, ids: [id] })
      }),
    )
}

function inputOf(id: string, options: UpdateOptions): UpdateWebhookEndpointInput {
  const { url, events, description, maxInFlight } = options
  const changes = {
    ...(url !== undefined && { url }),
    ...(events && { events: [...events] }),
    ...(description !== undefined && { description: description || null }),
    ...(maxInFlight !== undefined && { maxInFlight }),
    ...enabledBy(options),
  }
  return changeInput(id, changes, '--disable')
}
