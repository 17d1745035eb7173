import type { Command } from 'commander'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { addCreateWorkspace } from './create-workspace.ts'
import { addDeleteWorkspace } from './delete-workspace.ts'
import { addListWorkspaces } from './list-workspaces.ts'
import { addDisableWorkspace, addEnableWorkspace } from './switch-workspace.ts'

/** `rex workspaces`: the tenants of the installation, for its operator. */
export function addWorkspaces(program: Command, context: CommandContext): void {
  const workspaces = program
    .command('workspaces')
    .description("list, create, disable, enable and delete workspaces, with the operator's key")
    .addHelpText('after', examples('rex workspaces create --slug acme --name "Acme Inc."', 'rex workspaces list'))
  const additions = [addListWorkspaces, addCreateWorkspace, addDisableWorkspace, addEnableWorkspace, addDeleteWorkspace]
  for (const add of additions) add(workspaces, context)
}
