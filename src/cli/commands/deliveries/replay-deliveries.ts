import type { Command } from 'commander'
import type { DeliveryStatus, ReplayDeliveriesInput } from '../../../generated/cli/graphql.ts'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { confirm } from '../../frame/confirm.ts'
import { examples } from '../../frame/examples.ts'
import { moment } from '../../frame/option-values.ts'
import { counted } from '../../output/words.ts'
import { collectStatuses } from './delivery-status.ts'

const ReplayDeliveries = graphql(`
  mutation ReplayDeliveries($input: ReplayDeliveriesInput!) {
    replayDeliveries(input: $input) {
      __typename
      ... on ReplaySuccess {
        matched
        enqueued
        replayId
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

interface ReplayOptions {
  readonly endpoint: string
  readonly since: Date
  readonly until?: Date
  readonly status?: DeliveryStatus[]
  readonly includeNeverSent?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** `rex deliveries replay`: sends a range of events to an endpoint again, after a dry run that counts them. */
export function addReplayDeliveries(deliveries: Command, context: CommandContext): void {
  deliveries
    .command('replay')
    .description('send the events of a time range to an endpoint again; a dry run counts them first')
    .requiredOption('--endpoint <id>', 'id of the endpoint')
    .requiredOption('--since <time>', 'events since: 30m, 2h, 7d or a date', moment)
    .option('--until <time>', 'events before: 30m, 2h, 7d or a date [now]', moment)
    .option('--status <names>', 'states of the deliveries to send again [failed,held]', collectStatuses)
    .option('--include-never-sent', 'also events that were never sent to this endpoint')
    .option('--dry-run', 'count only')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      examples(
        'rex deliveries replay --endpoint wh_01HQ… --since 2h --dry-run',
        'rex deliveries replay --endpoint wh_01HQ… --since 7d --yes',
      ),
    )
    .action(
      clientAction(context, async ({ api, output }, options: ReplayOptions) => {
        const replay = async (dryRun: boolean) => {
          const result = (await api.execute(ReplayDeliveries, { input: { ...inputOf(options), dryRun } }))
            .replayDeliveries
          return expectType(result, 'ReplaySuccess')
        }
        const { matched } = await replay(true)
        const events = counted(matched, 'event')
        if (options.dryRun || matched === 0)
          return output.result({
            json: { matched, enqueued: 0, replayId: null },
            text: `${events} would be sent again.`,
          })
        await confirm(context, `${events} would be sent to ${options.endpoint} again.`, options.yes)
        const { replayId, ...done } = await replay(false)
        await output.result({
          json: { matched: done.matched, enqueued: done.enqueued, replayId },
          text: `The replay ${replayId} of ${counted(done.matched, 'event')} has begun.`,
          ids: replayId ? [replayId] : [],
        })
      }),
    )
}

function inputOf({ endpoint, since, until, status, includeNeverSent }: ReplayOptions): ReplayDeliveriesInput {
  return {
    endpointId: endpoint,
    from: since.toISOString(),
    ...(until && { to: until.toISOString() }),
    ...(status && { status }),
    ...(includeNeverSent && { includeNeverSent }),
  }
}
