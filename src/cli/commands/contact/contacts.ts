import type { Command } from 'commander'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { addEditContact } from './edit-contact.ts'
import { addEraseContact } from './erase-contact.ts'
import { addExportContacts } from './export-contacts.ts'
import { addGetContact } from './get-contact.ts'
import { addListContacts } from './list-contacts.ts'

/** `rex contacts`: the leads of the workspace. */
export function addContacts(program: Command, context: CommandContext): void {
  const contacts = program
    .command('contacts')
    .description('list, show, edit, export and erase contacts')
    .addHelpText('after', examples('rex contacts list --search jane', 'rex contacts export --output leads.csv'))
  for (const add of [addListContacts, addGetContact, addEditContact, addExportContacts, addEraseContact])
    add(contacts, context)
}
