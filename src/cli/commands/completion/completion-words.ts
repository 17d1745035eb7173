import type { Command } from 'commander'

/** Words that may follow a command: `contacts list` → `--limit`, … */
export type CompletionWords = ReadonlyMap<string, readonly string[]>

/** Returns the words that may follow each command, by the path of the command; that of the program is empty. */
export function wordsAfter(program: Command): CompletionWords {
  return new Map(entriesOf(program, []))
}

function entriesOf(command: Command, path: readonly string[]): [string, string[]][] {
  const subcommands = command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help')
  const options = command
    .createHelp()
    .visibleOptions(command)
    .flatMap((option) => option.long ?? [])
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? [])
  const words = [...subcommands.map((each) => each.name()), ...choices, ...options]
  return [[path.join(' '), words], ...subcommands.flatMap((each) => entriesOf(each, [...path, each.name()]))]
}
