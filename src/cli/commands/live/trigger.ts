import { randomBytes } from 'node:crypto'
import { Argument, type Command } from 'commander'
import type { Api } from '../../api/api.ts'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import { CliError } from '../../frame/cli-error.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { collectPair } from '../../frame/option-values.ts'
import { parseLead } from '../captured-lead.ts'

const NewestEventOfContact = graphql(`
  query NewestEventOfContact($id: ID!) {
    contact(by: { id: $id }) {
      events(first: 1) {
        nodes {
          id
          type
        }
      }
    }
  }
`)

const EraseTestContact = graphql(`
  mutation EraseTestContact($id: ID!) {
    eraseContact(id: $id) {
      __typename
      ... on EraseContactSuccess {
        erasedId
      }
      ... on UserError {
        message
      }
    }
  }
`)

const eventTypes = ['contact.created', 'contact.updated', 'contact.erased'] as const
type TriggeredType = (typeof eventTypes)[number]

interface TriggerOptions {
  readonly email?: string
  readonly metadata?: Readonly<Record<string, string>>
}

/** `rex trigger`: a real event, made with a test lead. */
export function addTrigger(program: Command, context: CommandContext): void {
  program
    .command('trigger')
    .description('make a real event with a test lead, so that everybody who listens is notified')
    .addArgument(new Argument('<type>', 'type of the event').choices(eventTypes))
    .option('--email <email>', 'e-mail of the test lead; left out: a new one at example.com')
    .option('--metadata <key=value>', 'metadata of the test lead; repeat it for more', collectPair)
    .addHelpText('after', examples('rex trigger contact.created', 'rex trigger contact.updated --metadata plan=pro'))
    .action(
      clientAction(context, async ({ api, output }, type: TriggeredType, options: TriggerOptions) => {
        const email = options.email ?? `test-${randomBytes(4).toString('hex')}@example.com`
        const contactId = await makeEvent(api, type, { email, metadata: options.metadata ?? {} })
        const eventId = await newestEvent(api, contactId, type)
        const text = `Triggered ${type}${eventId === null ? '' : ` ${eventId}`} for ${email} (${contactId}).`
        await output.result({ json: { type, eventId, contactId, email }, text, ids: [eventId ?? contactId] })
        if (type !== 'contact.erased') output.note(`Remove the test lead: rex contacts erase ${email} --yes`)
      }),
    )
}

interface TestLead {
  readonly email: string
  readonly metadata: Readonly<Record<string, string>>
}

/** Makes the changes that lead to an event, and returns the id of the contact. */
async function makeEvent(api: Api, type: TriggeredType, { email, metadata }: TestLead): Promise<string> {
  const lead = { email, first_name: 'Test', last_name: 'Lead', source: 'rex trigger', metadata }
  const { id } = parseLead(await api.post('/capture', lead))
  if (type === 'contact.updated') await api.post('/capture', { ...lead, first_name: 'Updated', last_name: newName() })
  if (type === 'contact.erased')
    expectType((await api.execute(EraseTestContact, { id })).eraseContact, 'EraseContactSuccess')
  return id
}

/** A name that the contact cannot have yet: without a change there is no event. */
function newName(): string {
  return `Lead ${randomBytes(2).toString('hex')}`
}

/** Returns the id of the event; null if the contact no longer exists. @throws CliError if there was no such event */
async function newestEvent(api: Api, contactId: string, type: TriggeredType): Promise<string | null> {
  const { contact } = await api.execute(NewestEventOfContact, { id: contactId })
  const [event] = contact?.events.nodes ?? []
  if (type === 'contact.erased') return null
  if (event?.type === type) return event.id
  throw new CliError(`The capture led to no ${type}: the contact exists already.`, {
    hint: 'Leave out --email, or trigger contact.updated.',
  })
}
