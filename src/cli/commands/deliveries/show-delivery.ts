import type { Command } from 'commander'
import type { ShownDeliveryQuery } from '../../../generated/cli/graphql.ts'
import { graphql } from '../../api/document.ts'
import { clientAction } from '../../frame/action.ts'
import { CliError } from '../../frame/cli-error.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { exitCodes } from '../../frame/exit-codes.ts'
import type { Output } from '../../output/output.ts'
import { facts } from '../../output/table.ts'
import { localTime } from '../../output/words.ts'
import { describeAttempt } from './attempt-text.ts'

const ShownDelivery = graphql(`
  query ShownDelivery($id: ID!) {
    delivery(id: $id) {
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
        data
        createdAt
      }
      attempts {
        number
        trigger
        startedAt
        durationMs
        responseStatus
        responseBody
        error
        detail
      }
    }
  }
`)

type Shown = NonNullable<ShownDeliveryQuery['delivery']>

/** `rex deliveries show`: one delivery with all its attempts. */
export function addShowDelivery(deliveries: Command, context: CommandContext): void {
  deliveries
    .command('show')
    .description('show a delivery with its attempts')
    .argument('<id>', 'id of the delivery')
    .addHelpText('after', examples('rex deliveries show dlv_01HQ…'))
    .action(
      clientAction(context, async ({ api, output }, id: string) => {
        const { delivery } = await api.execute(ShownDelivery, { id })
        if (!delivery) throw new CliError(`There is no delivery ${id}.`, { exitCode: exitCodes.notFound })
        await output.result({ json: delivery, text: describe(delivery, output), ids: [delivery.id] })
      }),
    )
}

function describe({ event, endpoint, attempts, ...delivery }: Shown, output: Output): string {
  return facts(
    [
      ['Delivery', delivery.id],
      ['Event', `${event.type} ${event.id}`],
      ['Endpoint', endpoint ? `${endpoint.url} ${endpoint.id}` : '(deleted)'],
      ['Status', delivery.status.toLowerCase()],
      ['Created', localTime(delivery.createdAt)],
      ['Completed', localTime(delivery.completedAt)],
      ['Next attempt', localTime(delivery.nextAttemptAt)],
      ...attempts.map((attempt) => [`Attempt ${attempt.number}`, attemptLine(attempt)] as const),
    ],
    output,
  )
}

function attemptLine(attempt: Shown['attempts'][number]): string {
  const { startedAt, trigger, responseBody } = attempt
  const how = trigger === 'AUTOMATIC' ? '' : `, ${trigger.toLowerCase()}`
  const body = responseBody ? `: ${responseBody.slice(0, 200)}` : ''
  return `${localTime(startedAt)}  ${describeAttempt(attempt)}${how}${body}`
}
