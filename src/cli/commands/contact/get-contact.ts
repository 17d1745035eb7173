import type { Command } from 'commander'
import type { ShownContactQuery } from '../../../generated/cli/graphql.ts'
import { graphql } from '../../api/document.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import type { Output } from '../../output/output.ts'
import { facts } from '../../output/table.ts'
import { localTime, orDash } from '../../output/words.ts'
import { contactKey, contactNotFound } from './contact-key.ts'

const ShownContact = graphql(`
  query ShownContact($by: ContactKey!) {
    contact(by: $by) {
      id
      email
      firstName
      lastName
      stage
      source
      metadata
      firstTouch {
        source
        medium
        campaign
        landingPage
        referrer
        capturedAt
      }
      lastTouch {
        source
        medium
        campaign
        landingPage
        referrer
        capturedAt
      }
      submissionCount
      createdAt
      updatedAt
      lastSeenAt
      version
    }
  }
`)

type Shown = NonNullable<ShownContactQuery['contact']>

/** `rex contacts get`: one contact. */
export function addGetContact(contacts: Command, context: CommandContext): void {
  contacts
    .command('get')
    .description('show one contact')
    .argument('<contact>', 'e-mail or id')
    .addHelpText('after', examples('rex contacts get jane@example.com', 'rex contacts get cont_01HQ… --json'))
    .action(
      clientAction(context, async ({ api, output }, key: string) => {
        const { contact } = await api.execute(ShownContact, { by: contactKey(key) })
        if (!contact) throw contactNotFound(key)
        await output.result({ json: contact, text: describe(contact, output), ids: [contact.id] })
      }),
    )
}

function describe(contact: Shown, output: Output): string {
  const { metadata, firstTouch, lastTouch } = contact
  return facts(
    [
      ['E-mail', contact.email],
      ['First name', orDash(contact.firstName)],
      ['Last name', orDash(contact.lastName)],
      ['Stage', contact.stage],
      ['Source', orDash(contact.source)],
      ...Object.entries(isRecord(metadata) ? metadata : {}).map(([key, value]) => [`  ${key}`, String(value)] as const),
      ['First touch', describeTouch(firstTouch)],
      ['Last touch', describeTouch(lastTouch)],
      ['Submissions', String(contact.submissionCount)],
      ['Created', localTime(contact.createdAt)],
      ['Updated', localTime(contact.updatedAt)],
      ['Last seen', localTime(contact.lastSeenAt)],
      ['Id', contact.id],
    ],
    output,
  )
}

function describeTouch(touch: Shown['firstTouch']): string {
  if (!touch) return '–'
  const { source, medium, campaign, landingPage, referrer } = touch
  const parts = [source, medium, campaign, landingPage, referrer].filter((part) => part)
  return [localTime(touch.capturedAt), ...parts].join(' · ')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
