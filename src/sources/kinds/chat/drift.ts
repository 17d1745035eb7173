import type { JsonObject, Payload } from '../../payload.ts'
import { bodySecret } from '../../verify/secrets.ts'
import { answerOf, objectAt, textAt } from '../answers.ts'
import type { AnswerField, Kind, KindReading } from '../kind.ts'
import { answersOfPerson, answersOfTexts, eventAt, joinedId, leadIfReachable } from '../people-answers.ts'

const contactEvents = new Set(['contact_identified', 'contact_created'])

const fields: Readonly<Record<string, AnswerField>> = {
  email: 'email',
  name: 'full_name',
  first_name: 'first_name',
  last_name: 'last_name',
  phone: 'phone',
  company: 'company',
}

const bookkeeping = new Set(
  'id contactId endUserId orgId conversationId inboxId createdAt updatedAt type body'.split(' '),
)

export const drift: Kind = {
  name: 'DRIFT',
  title: 'Drift',
  recognizes,
  read,
  repeatId: ({ body }) =>
    joinedId(
      textAt(body, 'type'),
      textAt(body, 'data', 'id') ?? textAt(body, 'data', 'contactId'),
      textAt(body, 'timeStamp') ?? textAt(body, 'createdAt'),
    ),
  verification: bodySecret('token'),
  secretKeys: ['token'],
  setup: [
    'On dev.drift.com, open your app and go to **Webhooks**. Set the verification token of the app as the secret of the source.',
    'Paste the URL of the source as the request URL and choose the events **Contact identified** and **New message**.',
    'Install the app in your Drift organization, then leave an address in a test chat.',
  ],
  events:
    '`contact_identified`, `contact_created` and messages of contacts with a known address become leads; messages of agents and bots and every other event are ignored.',
  evidence: 'recollection',
}

function recognizes({ body }: Payload): boolean {
  if (objectAt(body, 'data') === undefined || textAt(body, 'orgId') === undefined) return false
  return textAt(body, 'type') !== undefined || textAt(body, 'timeStamp') !== undefined
}

function read({ body }: Payload): KindReading {
  const event = eventAt(body, 'type', /^[a-z]+(_[a-z]+)+$/) ?? 'contact_identified'
  const data = objectAt(body, 'data') ?? {}
  if (event === 'new_message') return readMessage(data, event)
  if (!contactEvents.has(event)) return { outcome: 'ignored', event }
  return { outcome: 'lead', answers: readContact(data) }
}

function readContact(data: JsonObject) {
  return [
    ...answersOfTexts(data, ['data'], { fields, except: bookkeeping }),
    ...answersOfPerson(objectAt(data, 'attributes'), ['data', 'attributes'], { fields }),
  ]
}

function readMessage(data: JsonObject, event: string): KindReading {
  const author = objectAt(data, 'author')
  if (textAt(author, 'type') !== 'contact' || author?.['bot'] === true) return { outcome: 'ignored', event }
  return leadIfReachable(event, [
    ...answerOf(['data', 'author', 'email'], 'email', textAt(author, 'email'), 'email'),
    ...answerOf(['data', 'author', 'name'], 'name', textAt(author, 'name'), 'full_name'),
    ...answerOf(['data', 'body'], 'message', textAt(data, 'body'), 'metadata'),
    ...readContact(data),
  ])
}
