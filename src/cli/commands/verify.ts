import { type Command, InvalidArgumentError } from 'commander'
import { action } from '../frame/action.ts'
import { CliError } from '../frame/cli-error.ts'
import type { CommandContext } from '../frame/command-context.ts'
import { examples } from '../frame/examples.ts'
import { readInput } from '../frame/input-file.ts'
import { wholeNumber } from '../frame/option-values.ts'
import { checkSignature } from '../webhook/signature-check.ts'

interface VerifyOptions {
  readonly secret: string
  readonly signature: string
  readonly body: string
  readonly id?: string
  readonly timestamp?: number
  readonly tolerance: number
  readonly now?: number
}

/** `rex verify`: tells why a signature does not match, without a server. */
export function addVerify(program: Command, context: CommandContext): void {
  program
    .command('verify')
    .description('check the signature of a webhook, and say why it does not match; needs no server')
    .requiredOption('--secret <secret>', 'secret of the endpoint')
    .requiredOption('--signature <header>', 'X-Rex-Signature (t=…,v1=…) or webhook-signature (v1,…)')
    .requiredOption('--body <file>', 'file with the raw body; - for standard input')
    .option('--id <id>', 'header webhook-id; left out: the id in the body')
    .option('--timestamp <seconds>', 'header webhook-timestamp, for a webhook-signature', unixTime)
    .option('--tolerance <seconds>', 'largest age; 0: any', wholeNumber(0, 1_000_000_000), 300)
    .option('--now <seconds>', 'Unix time to check the age at; left out: now', unixTime)
    .addHelpText(
      'after',
      examples(
        'rex verify --secret whsec_… --signature "t=1710590400,v1=2fba…" --body body.json',
        'rex verify --secret whsec_… --signature "v1,5men…" --timestamp 1710590400 --body - < body.json',
      ),
    )
    .action(
      action(context, async ({ output }, options: VerifyOptions) => {
        const { secret, signature, id, timestamp, tolerance: toleranceSeconds } = options
        const body = await readInput(context, options.body)
        const now = options.now ?? Math.floor(Date.now() / 1000)
        const verdict = checkSignature({ secret, signature, body, id, timestamp }, { now, toleranceSeconds })
        if (verdict.matches)
          return output.result({ json: verdict, text: `The signature matches (${headerOf(verdict.family)}).` })
        if (output.mode === 'json') await output.result({ json: verdict, text: '' })
        throw new CliError(verdict.message, {
          ...(verdict.family !== 'unknown' && { hint: `Checked as ${headerOf(verdict.family)}.` }),
        })
      }),
    )
}

function headerOf(family: 'rex' | 'standard'): string {
  return family === 'rex' ? 'X-Rex-Signature' : 'webhook-signature of Standard Webhooks'
}

function unixTime(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('A Unix time in seconds is expected.')
  return Number(text)
}
