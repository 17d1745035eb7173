import type { Command } from 'commander'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { limitOption } from '../../frame/option-values.ts'
import { type Column, table } from '../../output/table.ts'
import { localTime } from '../../output/words.ts'
import { type ListedWorkspace, workspacePages } from './workspace-list.ts'

/** `rex workspaces list`: all workspaces of the installation. */
export function addListWorkspaces(workspaces: Command, context: CommandContext): void {
  workspaces
    .command('list')
    .description('list workspaces, newest first')
    .addOption(limitOption())
    .addHelpText('after', examples('rex workspaces list', 'rex workspaces list --json'))
    .action(
      clientAction(context, async ({ api, output }, { limit }: { limit: number }) => {
        const found: ListedWorkspace[] = []
        for await (const page of workspacePages(api, limit)) found.push(...page)
        await output.result({ json: found, text: table(found, columns, output), ids: found.map(({ id }) => id) })
      }),
    )
}

const columns: readonly Column<ListedWorkspace>[] = [
  { title: 'SLUG', text: ({ slug }) => slug },
  { title: 'NAME', text: ({ name }) => name },
  { title: 'STATE', text: ({ disabledAt }) => (disabledAt ? `disabled ${localTime(disabledAt)}` : 'enabled') },
  { title: 'CREATED', text: ({ createdAt }) => localTime(createdAt) },
  { title: 'ID', text: ({ id }) => id },
]
