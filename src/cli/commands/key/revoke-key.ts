import type { Command } from 'commander'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { confirmOnTerminal } from '../../frame/confirm.ts'
import { examples } from '../../frame/examples.ts'

const RevokeKey = graphql(`
  mutation RevokeKey($id: ID!, $andMade: Boolean!) {
    revokeApiKey(id: $id, andMade: $andMade) {
      __typename
      ... on ApiKey {
        id
        name
        revokedAt
      }
      ... on UserError {
        message
      }
    }
  }
`)

/** `rex keys revoke`: makes a key invalid for ever. */
export function addRevokeKey(keys: Command, context: CommandContext): void {
  keys
    .command('revoke')
    .description('revoke an API key; a terminal asks first')
    .argument('<id>', 'id of the key')
    .option('--and-made', 'also the keys that it has created, for a stolen key')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('rex keys revoke key_01HQ…', 'rex keys revoke key_01HQ… --and-made'))
    .action(
      clientAction(
        context,
        async ({ api, output }, id: string, { andMade = false, yes }: { andMade?: boolean; yes?: boolean }) => {
          await confirmOnTerminal(context, `${id} is revoked; whoever uses it is refused at once.`, yes)
          const result = (await api.execute(RevokeKey, { id, andMade })).revokeApiKey
          const { __typename, ...key } = expectType(result, 'ApiKey')
          await output.result({ json: key, text: `Revoked ${key.id} (${key.name}).`, ids: [key.id] })
        },
      ),
    )
}
