import type { Command } from 'commander'
import { action, type Tools } from '../../frame/action.ts'
import { CliError } from '../../frame/cli-error.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { printable } from '../../output/printable.ts'
import { settingsNote } from '../settings-action.ts'
import { type Check, fail, ok } from './check.ts'

/** `rex doctor`: checks the settings and everything that they name. */
export function addDoctor(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('check settings, database, keys, Redis and webhook endpoints, and say what to do')
    .addHelpText(
      'after',
      `${settingsNote}
It changes nothing, and works whether the server runs or not. Webhook endpoints are connected to, and nothing is sent.
The exit code is 1 when a check fails.
${examples('rex doctor', 'DATABASE_URL=postgresql://db.example.com/rex rex doctor --json')}`,
    )
    .action(action(context, async (tools) => report(tools, await runChecks())))
}

async function runChecks(): Promise<Check[]> {
  const { readConfig } = await import('../../../config/config.ts')
  const { isConfigurationError } = await import('../../run.ts')
  const { checkMachine } = await import('./machine-checks.ts')
  const { checkReplica } = await import('./replica-check.ts')
  const { checkDatabase } = await import('./database-checks.ts')
  try {
    const config = readConfig()
    const databases = [...(await checkDatabase(config)), ...(await checkReplica(config))]
    return [ok('settings', 'valid'), ...(await checkMachine(config)), ...databases]
  } catch (error) {
    if (!isConfigurationError(error)) throw error
    return [fail('settings', error.message, 'Correct them; `rex serve --help` lists all settings.')]
  }
}

async function report({ output }: Tools, checks: readonly Check[]): Promise<void> {
  const { green, yellow, red } = output.colors
  const marks = { ok: green('ok  '), warn: yellow('warn'), fail: red('FAIL') }
  const lines = checks.flatMap(({ name, status, detail, fix }) => [
    `${marks[status]}  ${name}: ${detail.split('\n').map(printable).join('\n      ')}`,
    ...(fix === undefined ? [] : [`      ${printable(fix)}`]),
  ])
  await output.result({ json: { checks }, text: lines.join('\n') })
  const failed = checks.filter(({ status }) => status === 'fail').length
  if (failed > 0) throw new CliError(`${failed} of ${checks.length} checks failed.`)
}
