import type { Api } from '../../api/api.ts'
import { graphql } from '../../api/document.ts'
import { CliError } from '../../frame/cli-error.ts'
import { exitCodes } from '../../frame/exit-codes.ts'

const FoundContact = graphql(`
  query FoundContact($by: ContactKey!) {
    contact(by: $by) {
      id
      email
    }
  }
`)

/** Returns the key of a contact for a person's words: an id or an e-mail. */
export function contactKey(text: string): { id: string } | { email: string } {
  return text.startsWith('cont_') ? { id: text } : { email: text }
}

/** Finds a contact by its id or e-mail. @throws CliError */
export async function findContact(api: Api, text: string): Promise<{ id: string; email: string }> {
  const { contact } = await api.execute(FoundContact, { by: contactKey(text) })
  if (!contact) throw contactNotFound(text)
  return contact
}

export function contactNotFound(text: string): CliError {
  return new CliError(`There is no contact ${text}.`, {
    exitCode: exitCodes.notFound,
    hint: 'Give an e-mail or an id; `rex contacts list --search WORD` finds one.',
  })
}
