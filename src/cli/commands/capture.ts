import type { Command } from 'commander'
import { createApi } from '../api/api.ts'
import { findConnection } from '../api/connect.ts'
import { action } from '../frame/action.ts'
import type { CommandContext } from '../frame/command-context.ts'
import { examples } from '../frame/examples.ts'
import { collectPair } from '../frame/option-values.ts'
import { parseLead } from './captured-lead.ts'

interface CaptureOptions {
  readonly email: string
  readonly firstName?: string
  readonly lastName?: string
  readonly source?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly idempotencyKey?: string
  readonly anonymous?: boolean
}

/** `rex capture`: sends a lead to POST /capture, with the key if there is one. */
export function addCapture(program: Command, context: CommandContext): void {
  program
    .command('capture')
    .description('send a lead')
    .requiredOption('--email <email>', 'e-mail of the lead')
    .option('--first-name <name>', 'first name')
    .option('--last-name <name>', 'last name')
    .option('--source <source>', 'source, such as organic')
    .option('--metadata <key=value>', 'metadata, such as utm_source=google; repeat it for more', collectPair)
    .option('--idempotency-key <key>', 'key with which the same lead may be sent again')
    .option('--anonymous', 'send no key, as a form does')
    .addHelpText(
      'after',
      examples(
        'rex capture --email jane@example.com --first-name Jane',
        'rex capture --email jane@example.com --metadata utm_source=google --metadata plan=pro',
      ),
    )
    .action(
      action(context, async ({ output }, options: CaptureOptions) => {
        const { url, apiKey } = await findConnection(context)
        const api = createApi({ url, apiKey: options.anonymous ? undefined : apiKey })
        const { idempotencyKey } = options
        const headers = idempotencyKey === undefined ? undefined : { 'idempotency-key': idempotencyKey }
        const lead = parseLead(await api.post('/capture', bodyOf(options), headers))
        await output.result({ json: lead, text: `Captured ${lead.email} (${lead.id}).`, ids: [lead.id] })
      }),
    )
}

function bodyOf({ email, firstName, lastName, source, metadata }: CaptureOptions): object {
  return { email, first_name: firstName, last_name: lastName, source, metadata }
}
