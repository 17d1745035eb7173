import type { Command } from 'commander'
import type { ListedKeysQuery } from '../../../generated/cli/graphql.ts'
import { graphql } from '../../api/document.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { type Column, table } from '../../output/table.ts'
import { localTime } from '../../output/words.ts'

const ListedKeys = graphql(`
  query ListedKeys {
    workspace {
      apiKeys {
        id
        name
        prefix
        lastFour
        scopes
        createdAt
        expiresAt
        lastUsedAt
        revokedAt
      }
    }
  }
`)

type Listed = ListedKeysQuery['workspace']['apiKeys'][number]

/** `rex keys list`: the keys, without their secret part. */
export function addListKeys(keys: Command, context: CommandContext): void {
  keys
    .command('list')
    .description('list API keys')
    .addHelpText('after', examples('rex keys list', 'rex keys list --json'))
    .action(
      clientAction(context, async ({ api, output }) => {
        const { apiKeys } = (await api.execute(ListedKeys, {})).workspace
        await output.result({ json: apiKeys, text: table(apiKeys, columns, output), ids: apiKeys.map(({ id }) => id) })
      }),
    )
}

const columns: readonly Column<Listed>[] = [
  { title: 'ID', text: ({ id }) => id },
  { title: 'NAME', text: ({ name }) => name },
  { title: 'KEY', text: ({ prefix, lastFour }) => `${prefix}…${lastFour}` },
  { title: 'SCOPES', text: ({ scopes }) => scopes.join(', ') },
  { title: 'LAST USED', text: ({ lastUsedAt }) => localTime(lastUsedAt) },
  { title: 'STATE', text: stateOf },
]

function stateOf({ revokedAt, expiresAt }: Listed): string {
  if (revokedAt) return `revoked ${localTime(revokedAt)}`
  if (!expiresAt) return 'valid'
  return new Date(expiresAt) > new Date() ? `until ${localTime(expiresAt)}` : `expired ${localTime(expiresAt)}`
}
