import type { Command } from 'commander'
import type { ContactFieldsInput } from '../../../generated/cli/graphql.ts'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import { usageError } from '../../frame/cli-error.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { collectPair } from '../../frame/option-values.ts'
import { findContact } from './contact-key.ts'

const EditContact = graphql(`
  mutation EditContact($input: UpdateContactInput!) {
    updateContact(input: $input) {
      __typename
      ... on Contact {
        id
        email
        firstName
        lastName
        stage
        source
        metadata
        version
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

interface EditOptions {
  readonly email?: string
  readonly firstName?: string
  readonly lastName?: string
  readonly stage?: string
  readonly source?: string
  readonly metadata?: Readonly<Record<string, string>>
}

/** `rex contacts edit`: changes fields of a contact. */
export function addEditContact(contacts: Command, context: CommandContext): void {
  contacts
    .command('edit')
    .description('change a contact; an empty value clears a field')
    .argument('<contact>', 'e-mail or id')
    .option('--stage <stage>', 'new stage, one of the stages of the workspace')
    .option('--first-name <name>', 'new first name')
    .option('--last-name <name>', 'new last name')
    .option('--source <source>', 'new source')
    .option('--email <email>', 'new e-mail')
    .option('--metadata <key=value>', 'metadata to set; repeat it for more', collectPair)
    .addHelpText(
      'after',
      examples(
        'rex contacts edit jane@example.com --stage customer',
        'rex contacts edit jane@example.com --metadata plan=pro --metadata trial=',
      ),
    )
    .action(
      clientAction(context, async ({ api, output }, key: string, options: EditOptions) => {
        const fields = fieldsOf(options)
        const { email } = options
        if (email === undefined && Object.keys(fields).length === 0)
          throw usageError('Nothing to change was given.', 'Give a field, such as --stage customer.')
        const { id } = await findContact(api, key)
        const input = { id, fields, ...(email !== undefined && { email }) }
        const contact = expectType((await api.execute(EditContact, { input })).updateContact, 'Contact')
        await output.result({ json: contact, text: `Changed ${contact.email} (${contact.id}).`, ids: [contact.id] })
      }),
    )
}

/** An empty value clears a field; in metadata it removes the key. */
function fieldsOf({ firstName, lastName, stage, source, metadata }: EditOptions): ContactFieldsInput {
  const entries = Object.entries(metadata ?? {}).map(([key, value]) => [key, value || null])
  return {
    ...(firstName !== undefined && { firstName: firstName || null }),
    ...(lastName !== undefined && { lastName: lastName || null }),
    ...(source !== undefined && { source: source || null }),
    ...(stage !== undefined && { stage }),
    ...(entries.length > 0 && { metadata: Object.fromEntries(entries) }),
  }
}
