import type { Command } from 'commander'
import { graphql } from '../../api/document.ts'
import { firstItems } from '../../api/pages.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { limitOption } from '../../frame/option-values.ts'
import { table } from '../../output/table.ts'
import { localTime, orDash } from '../../output/words.ts'
import { type ContactChoice, contactFilter, withContactChoice } from './contact-filter.ts'

const ListedContacts = graphql(`
  query ListedContacts($first: Int!, $after: String, $filter: ContactFilter, $search: String) {
    contacts(first: $first, after: $after, filter: $filter, search: $search) {
      nodes {
        id
        email
        firstName
        lastName
        stage
        source
        metadata
        createdAt
        updatedAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

/** `rex contacts list`: the newest contacts. */
export function addListContacts(contacts: Command, context: CommandContext): void {
  withContactChoice(contacts.command('list').description('list contacts, newest first'))
    .addOption(limitOption())
    .addHelpText('after', examples('rex contacts list --stage lead --since 7d', 'rex contacts list --limit 500 --json'))
    .action(
      clientAction(context, async ({ api, output }, options: ContactChoice & { limit: number }) => {
        const chosen = { filter: contactFilter(options), search: options.search ?? null }
        const read = async (range: { first: number; after: string | null }) =>
          (await api.execute(ListedContacts, { ...range, ...chosen })).contacts
        const found = await firstItems(read, options.limit)
        const columns = [
          { title: 'EMAIL', text: ({ email }: Listed) => email },
          { title: 'NAME', text: ({ firstName, lastName }: Listed) => orDash(fullName(firstName, lastName)) },
          { title: 'STAGE', text: ({ stage }: Listed) => stage },
          { title: 'SOURCE', text: ({ source }: Listed) => orDash(source) },
          { title: 'CREATED', text: ({ createdAt }: Listed) => localTime(createdAt) },
          { title: 'ID', text: ({ id }: Listed) => id },
        ]
        const text = found.length === 0 ? 'No contacts.' : table(found, columns, output)
        await output.result({ json: found, text, ids: found.map(({ id }) => id) })
      }),
    )
}

interface Listed {
  readonly id: string
  readonly email: string
  readonly firstName: string | null
  readonly lastName: string | null
  readonly stage: string
  readonly source: string | null
  readonly createdAt: string
}

function fullName(...names: readonly (string | null)[]): string {
  return names.filter((name) => name !== null).join(' ')
}
