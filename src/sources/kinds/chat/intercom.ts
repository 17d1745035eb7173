import type { JsonObject, Payload } from '../../payload.ts'
import { hmac } from '../../verify/hmac.ts'
import { answerOf, listAt, objectAt, type PathPart, textAt } from '../answers.ts'
import type { Answer, AnswerField, Kind, KindReading } from '../kind.ts'
import { answersOfPerson, answersOfTexts, eventAt, leadIfReachable } from '../people-answers.ts'

const topicNames = /^(ping|[a-z_]+(\.[a-z_]+)+)$/
/** Topics that bring a person or the address of one. */
const contactTopic = /^(contact\.(lead\.|user\.)?|user\.|lead\.)(created|added_email|email\.updated|signed_up)$/
const messageTopic = /^conversation\.user\.(created|replied)$/

const fields: Readonly<Record<string, AnswerField>> = {
  email: 'email',
  name: 'full_name',
  phone: 'phone',
  referrer: 'metadata',
}

const bookkeeping = new Set(
  'type id workspace_id external_id user_id role email_domain formatted_phone pseudonym avatar created_at updated_at remote_created_at signed_up_at last_seen_at last_replied_at last_contacted_at last_request_at last_email_opened_at last_email_clicked_at session_count browser browser_version browser_language os language_override android_app_name ios_app_name last_seen_ip unread_message_count'.split(
    ' ',
  ),
)

export const intercom: Kind = {
  name: 'INTERCOM',
  title: 'Intercom',
  recognizes,
  namesEvent: ({ body }) =>
    eventAt(body, 'topic', topicNames) !== undefined && objectAt(body, 'data', 'item') !== undefined,
  read,
  repeatId: ({ body }) => textAt(body, 'id'),
  verification: hmac({ header: 'x-hub-signature', algorithm: 'sha1', encoding: 'hex', prefix: 'sha1=' }),
  setup: [
    'In the Intercom Developer Hub, open your app and go to **Webhooks**. Set the client secret of the app as the secret of the source.',
    'Paste the URL of the source as **Endpoint URL**.',
    'Choose the topics `contact.lead.created`, `contact.lead.added_email` and `contact.user.created`, and save.',
  ],
  events:
    '`contact.lead.created`, `contact.user.created`, `contact.created`, the topics `added_email`, `email.updated` and `signed_up`, and conversations of people with a known address become leads; answers of admins and bots and every other topic are ignored.',
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  const item = objectAt(body, 'data', 'item')
  if (item === undefined) return false
  if (textAt(body, 'type') === 'notification_event' || textAt(body, 'data', 'type') === 'notification_event_data')
    return true
  return textAt(body, 'topic') !== undefined && textAt(body, 'app_id') !== undefined
}

function read({ body }: Payload): KindReading {
  const item = objectAt(body, 'data', 'item') ?? {}
  const event = eventAt(body, 'topic', topicNames) ?? topicOf(item)
  if (messageTopic.test(event)) return readConversation(item, event)
  if (!contactTopic.test(event) || textAt(item, 'type') === 'admin') return { outcome: 'ignored', event }
  return { outcome: 'lead', answers: readContact(item) }
}

/** Returns the topic of an event that has lost its name, by what it is about. */
function topicOf(item: JsonObject): string {
  const type = textAt(item, 'type') ?? ''
  if (type === 'conversation') return 'conversation.user.created'
  return ['', 'contact', 'lead', 'user'].includes(type) ? 'contact.created' : type
}

function readContact(item: JsonObject): Answer[] {
  const base = ['data', 'item']
  const company = ['companies', 'companies', 0, 'name']
  return [
    ...answersOfTexts(item, base, { fields, except: bookkeeping }),
    ...answersOfPerson(objectAt(item, 'custom_attributes'), [...base, 'custom_attributes']),
    ...answerOf([...base, ...company], 'company', textAt(item, ...company), 'company'),
    ...['city', 'country'].flatMap((name) =>
      answerOf([...base, 'location', name], name, textAt(item, 'location', name), 'metadata'),
    ),
  ]
}

/** Reads the author of the newest message, who is a lead only when no admin or bot wrote it. */
function readConversation(item: JsonObject, event: string): KindReading {
  const [parts, message] = newestMessage(item, event)
  const author = objectAt(message, 'author')
  if (!['user', 'lead', 'contact'].includes(textAt(author, 'type') ?? '')) return { outcome: 'ignored', event }
  const base: readonly PathPart[] = ['data', 'item', ...parts]
  return leadIfReachable(event, [
    ...answerOf([...base, 'author', 'email'], 'email', textAt(author, 'email'), 'email'),
    ...answerOf([...base, 'author', 'name'], 'name', textAt(author, 'name'), 'full_name'),
    ...answerOf([...base, 'body'], 'message', textAt(message, 'body'), 'metadata'),
    ...answerOf([...base, 'url'], 'page_url', textAt(message, 'url'), 'metadata'),
  ])
}

function newestMessage(item: JsonObject, event: string): [readonly PathPart[], JsonObject | undefined] {
  const parts = listAt(item, 'conversation_parts', 'conversation_parts')
  if (event === 'conversation.user.replied' && parts.length > 0) {
    const place = ['conversation_parts', 'conversation_parts', parts.length - 1]
    return [place, objectAt(item, ...place)]
  }
  const name = objectAt(item, 'source') === undefined ? 'conversation_message' : 'source'
  return [[name], objectAt(item, name)]
}
