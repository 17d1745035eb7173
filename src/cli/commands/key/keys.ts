import type { Command } from 'commander'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { addCreateKey } from './create-key.ts'
import { addListKeys } from './list-keys.ts'
import { addRevokeKey } from './revoke-key.ts'

/** `rex keys`: the API keys of the workspace. */
export function addKeys(program: Command, context: CommandContext): void {
  const keys = program
    .command('keys')
    .description('list, create and revoke API keys')
    .addHelpText('after', examples('rex keys create --name website --scopes CAPTURE', 'rex keys list'))
  for (const add of [addListKeys, addCreateKey, addRevokeKey]) add(keys, context)
}
