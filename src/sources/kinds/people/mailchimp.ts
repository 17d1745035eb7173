import type { JsonObject, JsonValue, Payload } from '../../payload.ts'
import { answerOf, objectAt, textAt } from '../answers.ts'
import type { Answer, AnswerField, Kind, KindReading } from '../kind.ts'
import { answersOfPerson, eventAt, joinedId } from '../people-answers.ts'

const types = new Set(['subscribe', 'unsubscribe', 'profile', 'upemail', 'cleaned', 'campaign'])

/** Mailchimp's own merge tags. */
const fields: Readonly<Record<string, AnswerField>> = {
  FNAME: 'first_name',
  LNAME: 'last_name',
  PHONE: 'phone',
  COMPANY: 'company',
  INTERESTS: 'metadata',
  GROUPINGS: 'metadata',
}

export const mailchimp: Kind = {
  name: 'MAILCHIMP',
  title: 'Mailchimp',
  recognizes,
  namesEvent: ({ body }) => types.has(textAt(body, 'type') ?? '') && objectAt(body, 'data') !== undefined,
  read,
  // The id is the subscriber's: one who comes back fires at another time.
  repeatId: ({ body }) => joinedId(textAt(body, 'type'), textAt(body, 'fired_at'), textAt(body, 'data', 'id')),
  setup: [
    'In Mailchimp, open **Audience**, then **All contacts**, then **Settings**, and choose **Webhooks**.',
    'Choose **Create new webhook** and paste the URL of the source as **Callback URL**.',
    'Choose the event **Subscribes**, sent when changes are made by a subscriber, an account admin or the API as you like, and save.',
  ],
  events: '`subscribe` becomes a lead; `unsubscribe`, `profile`, `upemail`, `cleaned` and `campaign` are ignored.',
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  const data = objectAt(body, 'data')
  if (data === undefined) return false
  const hasType = types.has(textAt(body, 'type') ?? '')
  const signs = ['merges', 'list_id', 'email_type', 'ip_opt', 'ip_signup'].filter((key) =>
    Object.hasOwn(data, key),
  ).length
  return (hasType && (signs > 0 || textAt(body, 'fired_at') !== undefined)) || signs >= 2
}

function read({ body }: Payload): KindReading {
  const event = eventAt(body, 'type', /^[a-z]+$/) ?? 'subscribe'
  if (event !== 'subscribe') return { outcome: 'ignored', event }
  const data = objectAt(body, 'data') ?? {}
  const merges = objectAt(data, 'merges')
  return {
    outcome: 'lead',
    answers: [
      ...readAddress(data, merges),
      ...answersOfPerson(merges, ['data', 'merges'], { fields, except: new Set(['EMAIL']) }),
    ],
  }
}

/** Mailchimp sends the address twice. */
function readAddress(data: JsonObject, merges: JsonValue | undefined): Answer[] {
  const email = answerOf(['data', 'email'], 'email', textAt(data, 'email'), 'email')
  return email.length > 0 ? email : answerOf(['data', 'merges', 'EMAIL'], 'email', textAt(merges, 'EMAIL'), 'email')
}
