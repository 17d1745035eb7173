import type { JsonObject, JsonValue, Payload } from '../../payload.ts'
import { hmac } from '../../verify/hmac.ts'
import { answerOf, listAt, objectAt, type PathPart, textAt, valueAt } from '../answers.ts'
import type { Answer, AnswerField, Kind, KindReading } from '../kind.ts'
import { answersOfPerson, answersOfTexts, eventAt, joinedId, leadIfReachable } from '../people-answers.ts'

const fields: Readonly<Record<string, AnswerField>> = {
  email: 'email',
  name: 'full_name',
  phone_number: 'phone',
  company_name: 'company',
}

const bookkeeping = new Set(
  'id event type identifier avatar thumbnail blocked created_at updated_at last_activity_at availability_status'.split(
    ' ',
  ),
)

/** Keys of a contact; `account` is the user's own company. */
const contactKeys = [
  'account',
  'additional_attributes',
  'custom_attributes',
  'identifier',
  'thumbnail',
  'blocked',
  'avatar',
]

export const chatwoot: Kind = {
  name: 'CHATWOOT',
  title: 'Chatwoot',
  recognizes,
  read,
  repeatId,
  verification: hmac({
    header: 'x-chatwoot-signature',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'sha256=',
    timestamp: { header: 'x-chatwoot-timestamp', unit: 's' },
    signed: '{timestamp}.{body}',
  }),
  setup: [
    'In Chatwoot, open **Settings**, then **Integrations**, then **Webhooks**, and choose **Add new webhook**.',
    'Paste the URL of the source and choose **Contact created** and **Contact updated**, and **Message created** if you want what people write.',
    'Save it. If your version shows a signing secret for the webhook, set it as the secret of the source.',
  ],
  events:
    '`contact_created` becomes a lead. `contact_updated` with a new address, `conversation_created`, `message_created` and `webwidget_triggered` become leads when the contact has an address or a phone; messages of agents and bots, notes and every other event are ignored.',
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  const isEvent = /^(contact|conversation|message|webwidget|inbox)_[a-z_]+$/.test(textAt(body, 'event') ?? '')
  const known = contactKeys.filter((key) => Object.hasOwn(body, key)).length
  if (!isEvent) return known >= 4
  return (
    known > 0 || ['sender', 'meta', 'contact', 'inbox', 'conversation'].some((key) => objectAt(body, key) !== undefined)
  )
}

function read({ body }: Payload): KindReading {
  const event = eventAt(body, 'event', /^[a-z]+(_[a-z]+)+$/) ?? 'contact_created'
  switch (event) {
    case 'contact_created':
      return { outcome: 'lead', answers: readContact(body, []) }
    case 'contact_updated':
      return isOldAddress(body) ? { outcome: 'ignored', event } : leadIfReachable(event, readContact(body, []))
    case 'webwidget_triggered':
      return leadIfReachable(event, readContact(objectAt(body, 'contact'), ['contact']))
    case 'conversation_created':
      return readConversation(body, event)
    case 'message_created':
      return readMessage(body, event)
    default:
      return { outcome: 'ignored', event }
  }
}

/** Returns whether an update names what has changed, and the address has not. */
function isOldAddress(body: JsonObject): boolean {
  const changed = listAt(body, 'changed_attributes')
  return changed.length > 0 && !changed.some((change) => valueAt(change, 'email') !== undefined)
}

function readContact(contact: JsonObject | undefined, base: readonly PathPart[]): Answer[] {
  return [
    ...answersOfTexts(contact, base, { fields, except: bookkeeping }),
    ...['custom_attributes', 'additional_attributes'].flatMap((name) =>
      answersOfPerson(objectAt(contact, name), [...base, name], { fields }),
    ),
  ]
}

/** Reads the person who writes; the assignee is an agent. */
function readConversation(body: JsonObject, event: string): KindReading {
  const sender = objectAt(body, 'meta', 'sender')
  if (isAgent(sender)) return { outcome: 'ignored', event }
  return leadIfReachable(event, readContact(sender, ['meta', 'sender']))
}

function readMessage(body: JsonObject, event: string): KindReading {
  const sender = objectAt(body, 'sender')
  const isIncoming = ['incoming', '0'].includes(textAt(body, 'message_type') ?? '')
  if (!isIncoming || body['private'] === true || isAgent(sender)) return { outcome: 'ignored', event }
  return leadIfReachable(event, [
    ...readContact(sender, ['sender']),
    ...answerOf(['content'], 'message', textAt(body, 'content'), 'metadata'),
  ])
}

function isAgent(sender: JsonValue | undefined): boolean {
  return ['user', 'agent_bot', 'captain_assistant'].includes(textAt(sender, 'type')?.toLowerCase() ?? '')
}

/** An update has no id of its own. */
function repeatId({ body }: Payload): string | undefined {
  const event = textAt(body, 'event')
  return event === 'contact_updated'
    ? undefined
    : joinedId(event, textAt(body, 'account', 'id') ?? '', textAt(body, 'id'))
}
