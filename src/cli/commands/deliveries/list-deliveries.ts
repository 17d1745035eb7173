import type { Command } from 'commander'
import type { DeliveryFilter, DeliveryStatus, ListedDeliveriesQuery } from '../../../generated/cli/graphql.ts'
import { graphql } from '../../api/document.ts'
import { firstItems } from '../../api/pages.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { limitOption, moment } from '../../frame/option-values.ts'
import { type Column, table } from '../../output/table.ts'
import { localTime } from '../../output/words.ts'
import { describeAttempt } from './attempt-text.ts'
import { collectStatuses, statusNames } from './delivery-status.ts'

const ListedDeliveries = graphql(`
  query ListedDeliveries($first: Int!, $after: String, $filter: DeliveryFilter) {
    deliveries(first: $first, after: $after, filter: $filter) {
      nodes {
        id
        status
        attemptCount
        nextAttemptAt
        createdAt
        completedAt
        endpoint {
          id
          url
        }
        event {
          id
          type
        }
        attempts {
          number
          startedAt
          durationMs
          responseStatus
          error
          detail
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

type Listed = ListedDeliveriesQuery['deliveries']['nodes'][number]

interface ListOptions {
  readonly endpoint?: string
  readonly contact?: string
  readonly event?: string
  readonly status?: DeliveryStatus[]
  readonly since?: Date
  readonly limit: number
}

/** `rex deliveries list`: deliveries with their last attempt. */
export function addListDeliveries(deliveries: Command, context: CommandContext): void {
  deliveries
    .command('list')
    .description('list deliveries, newest first')
    .option('--endpoint <id>', 'only those to this endpoint')
    .option('--contact <id>', 'only those about this contact')
    .option('--event <id>', 'only those of this event')
    .option('--status <names>', statusNames, collectStatuses)
    .option('--since <time>', 'created since: 30m, 2h, 7d or a date', moment)
    .addOption(limitOption())
    .addHelpText(
      'after',
      examples('rex deliveries list --status failed,held', 'rex deliveries list --endpoint wh_01HQ… --since 2h --json'),
    )
    .action(
      clientAction(context, async ({ api, output }, options: ListOptions) => {
        const filter = filterOf(options)
        const read = async (range: { first: number; after: string | null }) =>
          (await api.execute(ListedDeliveries, { ...range, filter })).deliveries
        const found = await firstItems(read, options.limit)
        const text = found.length === 0 ? 'No deliveries.' : table(found, columns, output)
        await output.result({ json: found, text, ids: found.map(({ id }) => id) })
      }),
    )
}

function filterOf({ endpoint, contact, event, status, since }: ListOptions): DeliveryFilter {
  return {
    ...(endpoint !== undefined && { endpointId: endpoint }),
    ...(contact !== undefined && { contactId: contact }),
    ...(event !== undefined && { eventId: event }),
    ...(status && { status }),
    ...(since && { createdAt: { gte: since.toISOString() } }),
  }
}

const columns: readonly Column<Listed>[] = [
  { title: 'CREATED', text: ({ createdAt }) => localTime(createdAt) },
  { title: 'EVENT', text: ({ event }) => event.type },
  { title: 'URL', text: ({ endpoint }) => endpoint?.url ?? '(deleted)' },
  { title: 'STATUS', text: ({ status }) => status.toLowerCase() },
  { title: 'LAST ATTEMPT', text: ({ attempts }) => describeAttempt(attempts.at(-1)) },
  { title: 'ID', text: ({ id }) => id },
]
