import type { Command } from 'commander'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'

const CreateWorkspace = graphql(`
  mutation CreateWorkspace($input: CreateWorkspaceInput!) {
    createWorkspace(input: $input) {
      __typename
      ... on CreateWorkspaceSuccess {
        token
        workspace {
          id
          slug
          name
          createdAt
        }
      }
      ... on UserError {
        message
      }
      ... on ValidationError {
        issues {
          path
          message
        }
      }
    }
  }
`)

/** `rex workspaces create`: a new workspace with its first key. */
export function addCreateWorkspace(workspaces: Command, context: CommandContext): void {
  workspaces
    .command('create')
    .description('create a workspace; its ADMIN key is shown only now')
    .requiredOption('--slug <slug>', 'name in host names, such as acme')
    .option('--name <name>', 'name for people')
    .addHelpText('after', examples('rex workspaces create --slug acme --name "Acme Inc."'))
    .action(
      clientAction(context, async ({ api, output }, { slug, name }: { slug: string; name?: string }) => {
        const input = { slug, ...(name !== undefined && { name }) }
        const result = (await api.execute(CreateWorkspace, { input })).createWorkspace
        const { token, workspace } = expectType(result, 'CreateWorkspaceSuccess')
        const text = `Created ${workspace.slug} (${workspace.id}).\nKey: ${token}`
        await output.result({ json: { ...workspace, token }, text, ids: [workspace.id] })
      }),
    )
}
