import type { Command } from 'commander'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { confirm } from '../../frame/confirm.ts'
import { examples } from '../../frame/examples.ts'
import { counted } from '../../output/words.ts'
import { findContact } from './contact-key.ts'

const EraseContact = graphql(`
  mutation EraseContact($id: ID!) {
    eraseContact(id: $id) {
      __typename
      ... on EraseContactSuccess {
        erasedId
        submissionsRedacted
        eventsRedacted
        deliveriesCanceled
      }
      ... on UserError {
        message
      }
    }
  }
`)

/** `rex contacts erase`: removes a person from all stored data. */
export function addEraseContact(contacts: Command, context: CommandContext): void {
  contacts
    .command('erase')
    .description('remove a person from all stored data, which cannot be undone')
    .argument('<contact>', 'e-mail or id')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('rex contacts erase jane@example.com --yes'))
    .action(
      clientAction(context, async ({ api, output }, key: string, { yes }: { yes?: boolean }) => {
        const { id, email } = await findContact(api, key)
        await confirm(context, `${email} (${id}) is removed from all stored data, which cannot be undone.`, yes)
        const erased = expectType((await api.execute(EraseContact, { id })).eraseContact, 'EraseContactSuccess')
        const { __typename, ...json } = erased
        const parts = [
          counted(erased.submissionsRedacted, 'submission'),
          counted(erased.eventsRedacted, 'event'),
          `${counted(erased.deliveriesCanceled, 'delivery', 'deliveries')} canceled`,
        ]
        await output.result({ json, text: `Erased ${id}: ${parts.join(', ')}.`, ids: [id] })
      }),
    )
}
