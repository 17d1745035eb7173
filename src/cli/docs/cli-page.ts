import type { Command } from 'commander'
import { exitCodeMeanings } from '../frame/exit-codes.ts'

const start = '<!-- The rest is generated from the help of the commands: npm run generate:cli-page -->'

/** Returns the page of the command line: its text as it is written, and the help of all commands. */
export function cliPage(page: string, program: Command): string {
  const written = page.slice(0, page.indexOf(start))
  const commands = program.commands.filter((command) => command.name() !== 'help')
  return `${[`${written}${start}`, exitCodes(), ...commands.map((command) => section(command))].join('\n\n')}\n`
}

function exitCodes(): string {
  const rows = exitCodeMeanings.map(([code, meaning]) => `| ${code} | ${meaning} |`)
  return ['## Exit codes', '', '| code | meaning |', '|---|---|', ...rows].join('\n')
}

function section(command: Command): string {
  const subcommands = command.commands.filter((each) => each.name() !== 'help')
  return [
    `## rex ${command.name()}`,
    ...[command, ...subcommands].map((each) => `\`\`\`text\n${helpOf(each)}\n\`\`\``),
  ].join('\n\n')
}

/** Returns the help as a terminal of 100 columns shows it, with the examples. */
function helpOf(command: Command): string {
  let text = ''
  const write = (part: string) => {
    text += part
  }
  command.configureOutput({ writeOut: write, getOutHelpWidth: () => 100, getOutHasColors: () => false }).outputHelp()
  return text.trim()
}
