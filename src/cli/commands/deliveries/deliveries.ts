import type { Command } from 'commander'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { addListDeliveries } from './list-deliveries.ts'
import { addReplayDeliveries } from './replay-deliveries.ts'
import { addRetryDelivery } from './retry-delivery.ts'
import { addShowDelivery } from './show-delivery.ts'

/** `rex deliveries`: who has been told, and who has not yet. */
export function addDeliveries(program: Command, context: CommandContext): void {
  const deliveries = program
    .command('deliveries')
    .description('list, show, retry and replay webhook deliveries')
    .addHelpText('after', examples('rex deliveries list --status FAILED', 'rex deliveries retry dlv_01HQ…'))
  for (const add of [addListDeliveries, addShowDelivery, addRetryDelivery, addReplayDeliveries])
    add(deliveries, context)
}
