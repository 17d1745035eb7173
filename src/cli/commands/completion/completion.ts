import { Argument, type Command } from 'commander'
import { action } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { completionScripts, type Shell, shells } from './completion-scripts.ts'
import { wordsAfter } from './completion-words.ts'

/** `rex completion`: a script with which a shell completes commands and options. */
export function addCompletion(program: Command, context: CommandContext): void {
  program
    .command('completion')
    .description('print a script with which a shell completes commands and options')
    .addArgument(new Argument('<shell>', 'shell of the script').choices(shells))
    .addHelpText(
      'after',
      examples(
        'source <(rex completion bash)',
        'rex completion zsh > /usr/local/share/zsh/site-functions/_rex',
        'rex completion fish > ~/.config/fish/completions/rex.fish',
      ),
    )
    .action(
      action(context, async ({ output }, shell: Shell) => {
        await output.write(completionScripts[shell](wordsAfter(program)))
      }),
    )
}
