import { Command } from 'commander'
import { version } from '../../platform/version.ts'
import type { CommandContext } from './command-context.ts'
import { commandGroups } from './command-list.ts'
import { exitCodeMeanings } from './exit-codes.ts'

/** Commands whose output is no result of a request: a log, or a script. */
const withoutResult = ['serve', 'completion']

/** Creates the program with one command, or with all: help, suggestions and completion need all. */
export async function createProgram(context: CommandContext, name?: string): Promise<Command> {
  const program = createRoot(context)
  const groups = groupsWith(name)
  for (const { title, commands } of groups) {
    const added = await Promise.all(Object.values(commands).map((load) => load()))
    for (const add of added) add(program, context)
    for (const command of program.commands) if (command.helpGroup() === '') command.helpGroup(title)
  }
  for (const command of program.commands) if (!withoutResult.includes(command.name())) addOutputOptions(command)
  return program
}

function groupsWith(name: string | undefined): typeof commandGroups {
  if (name === 'completion') return commandGroups
  const found = commandGroups.flatMap(({ title, commands }) => {
    const load = name === undefined ? undefined : commands[name]
    return name !== undefined && load !== undefined ? [{ title, commands: { [name]: load } }] : []
  })
  return found.length > 0 ? found : commandGroups
}

/** Names the subcommands that are called as the command that is not found; commander looks on one level alone. */
export function refuseSubcommandAlone(program: Command, name: string): void {
  if (program.commands.some((command) => command.name() === name)) return
  const owners = program.commands.filter(({ commands }) => commands.some((command) => command.name() === name))
  if (owners.length === 0) return
  const paths = owners.map((owner) => `${owner.name()} ${name}`).join(', ')
  const question = owners.length === 1 ? `Did you mean ${paths}?` : `Did you mean one of ${paths}?`
  program.error(`error: unknown command '${name}'\n(${question})`, { code: 'commander.unknownCommand' })
}

function createRoot({ settings, stdout, stderr }: CommandContext): Command {
  const hasColors = (stream: typeof stdout) => settings.allowsColor && stream.isTTY === true
  return new Command('rex')
    .description(
      'Captures leads, and notifies dashboards and webhooks. Commands other than the server are its clients.',
    )
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
      getOutHasColors: () => hasColors(stdout),
      getErrHasColors: () => hasColors(stderr),
    })
    .showHelpAfterError('See --help of this command.')
    .addHelpText('after', rootHelp)
}

const rootHelp = `
Examples:
  $ rex serve
  $ rex capture --email jane@example.com --first-name Jane
  $ rex contacts list --json
  $ rex listen --forward-to http://127.0.0.1:3000/hooks

Settings (environment):
  REX_URL       address of the server; left out: that of \`rex login\`, else that of the server whose key is in .rex
                of this folder [http://127.0.0.1:4000]
  REX_API_KEY   API key; left out: that of \`rex login\`, else .rex/api-key of this folder for a server of this machine
  NO_COLOR      any value: no colours

Exit codes:
${exitCodeMeanings.map(([code, meaning]) => `  ${code}  ${meaning}`).join('\n')}
`

/** Adds `--json` and `--quiet` to each command that has no subcommands. */
function addOutputOptions(command: Command): void {
  for (const subcommand of command.commands) addOutputOptions(subcommand)
  if (command.commands.length === 0)
    command.option('--json', 'print JSON only').option('-q, --quiet', 'print nothing, or only ids')
}
