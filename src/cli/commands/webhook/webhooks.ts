import type { Command } from 'commander'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { addCreateWebhook } from './create-webhook.ts'
import { addDeleteWebhook } from './delete-webhook.ts'
import { addListWebhooks } from './list-webhooks.ts'
import { addRotateWebhook } from './rotate-webhook.ts'
import { addTestWebhook } from './test-webhook.ts'
import { addUpdateWebhook } from './update-webhook.ts'

/** `rex webhooks`: the endpoints that are notified. */
export function addWebhooks(program: Command, context: CommandContext): void {
  const webhooks = program
    .command('webhooks')
    .description('list, create, update, delete, rotate and test webhook endpoints')
    .addHelpText('after', examples('rex webhooks create --url https://example.com/hooks', 'rex webhooks test wh_01HQ…'))
  const additions = [
    addListWebhooks,
    addCreateWebhook,
    addUpdateWebhook,
    addDeleteWebhook,
    addRotateWebhook,
    addTestWebhook,
  ]
  for (const add of additions) add(webhooks, context)
}
