import type { Command } from 'commander'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { confirm } from '../../frame/confirm.ts'
import { examples } from '../../frame/examples.ts'

const DeleteSource = graphql(`
  mutation DeleteSource($id: ID!) {
    deleteSource(id: $id) {
      __typename
      ... on DeleteSuccess {
        deletedId
      }
      ... on UserError {
        message
      }
    }
  }
`)

/** `rex sources delete`: deletes a source; its submissions stay. */
export function addDeleteSource(sources: Command, context: CommandContext): void {
  sources
    .command('delete')
    .description('delete a source; its URL is unknown at once, its submissions stay')
    .argument('<id>', 'id of the source')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('rex sources delete src_01HQ… --yes'))
    .action(
      clientAction(context, async ({ api, output }, id: string, { yes }: { yes?: boolean }) => {
        await confirm(context, `${id} is deleted, and its URL is unknown at once.`, yes)
        const { deletedId } = expectType((await api.execute(DeleteSource, { id })).deleteSource, 'DeleteSuccess')
        await output.result({ json: { deletedId }, text: `Deleted ${deletedId}.`, ids: [deletedId] })
      }),
    )
}
