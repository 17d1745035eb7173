import type { Command } from 'commander'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { confirm } from '../../frame/confirm.ts'
import { examples } from '../../frame/examples.ts'
import { findWorkspace } from './workspace-list.ts'

const DeleteWorkspace = graphql(`
  mutation DeleteWorkspace($id: ID!, $confirmSlug: String!) {
    deleteWorkspace(id: $id, confirmSlug: $confirmSlug) {
      __typename
      ... on DeleteSuccess {
        deletedId
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

/** `rex workspaces delete`: deletes a workspace with all its data. */
export function addDeleteWorkspace(workspaces: Command, context: CommandContext): void {
  workspaces
    .command('delete')
    .description('delete a workspace with all its data, which cannot be undone')
    .argument('<workspace>', 'slug or id')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('rex workspaces delete acme --yes'))
    .action(
      clientAction(context, async ({ api, output }, text: string, { yes }: { yes?: boolean }) => {
        const { id, slug } = await findWorkspace(api, text)
        await confirm(context, `${slug} (${id}) is deleted with all its data, which cannot be undone.`, yes)
        const result = (await api.execute(DeleteWorkspace, { id, confirmSlug: slug })).deleteWorkspace
        const { deletedId } = expectType(result, 'DeleteSuccess')
        await output.result({ json: { deletedId, slug }, text: `Deleted ${slug} (${deletedId}).`, ids: [deletedId] })
      }),
    )
}
