import type { Command } from 'commander'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { confirmOnTerminal } from '../../frame/confirm.ts'
import { examples } from '../../frame/examples.ts'
import { findWorkspace } from './workspace-list.ts'

const DisableWorkspace = graphql(`
  mutation DisableWorkspace($id: ID!) {
    disableWorkspace(id: $id) {
      __typename
      ... on Workspace {
        id
        slug
        disabledAt
      }
      ... on ValidationError {
        message
        issues {
          path
          message
        }
      }
    }
  }
`)

const EnableWorkspace = graphql(`
  mutation EnableWorkspace($id: ID!) {
    enableWorkspace(id: $id) {
      __typename
      ... on Workspace {
        id
        slug
        disabledAt
      }
      ... on ValidationError {
        message
        issues {
          path
          message
        }
      }
    }
  }
`)

/** `rex workspaces disable`: refuses all requests of a workspace; no data is lost. */
export function addDisableWorkspace(workspaces: Command, context: CommandContext): void {
  workspaces
    .command('disable')
    .description('refuse all requests of a workspace until it is enabled; its deliveries wait')
    .argument('<workspace>', 'slug or id')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('rex workspaces disable acme'))
    .action(
      clientAction(context, async ({ api, output }, text: string, { yes }: { yes?: boolean }) => {
        const { id, slug } = await findWorkspace(api, text)
        await confirmOnTerminal(context, `All requests of ${slug} are refused until it is enabled.`, yes)
        const result = (await api.execute(DisableWorkspace, { id })).disableWorkspace
        const { __typename, ...workspace } = expectType(result, 'Workspace')
        await output.result({ json: workspace, text: `Disabled ${slug}.`, ids: [id] })
      }),
    )
}

/** `rex workspaces enable`: accepts requests of a workspace again. */
export function addEnableWorkspace(workspaces: Command, context: CommandContext): void {
  workspaces
    .command('enable')
    .description('accept requests of a workspace again')
    .argument('<workspace>', 'slug or id')
    .addHelpText('after', examples('rex workspaces enable acme'))
    .action(
      clientAction(context, async ({ api, output }, text: string) => {
        const { id, slug } = await findWorkspace(api, text)
        const result = (await api.execute(EnableWorkspace, { id })).enableWorkspace
        const { __typename, ...workspace } = expectType(result, 'Workspace')
        await output.result({ json: workspace, text: `Enabled ${slug}.`, ids: [id] })
      }),
    )
}
