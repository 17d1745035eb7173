import type { Command } from 'commander'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { addHeldSubmissions, addListSubmissions } from './list-submissions.ts'
import { addMarkSpam, addReleaseSubmissions } from './moderate-submissions.ts'

/** `rex submissions`: what was posted, and what is held. */
export function addSubmissions(program: Command, context: CommandContext): void {
  const submissions = program
    .command('submissions')
    .description('list submissions, release those that are held, or mark them as spam')
    .addHelpText('after', examples('rex submissions held', 'rex submissions release sub_01HQ…'))
  for (const add of [addListSubmissions, addHeldSubmissions, addReleaseSubmissions, addMarkSpam])
    add(submissions, context)
}
