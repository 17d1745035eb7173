import type { Payload } from '../../payload.ts'
import { hmac } from '../../verify/hmac.ts'
import { answerOf, objectAt, textAt } from '../answers.ts'
import type { AnswerField, Kind, KindReading } from '../kind.ts'
import { answersOfPerson, answersOfTexts, eventAt, joinedId } from '../people-answers.ts'

const leadEvents = new Set([
  'session:set_email',
  'session:set_phone',
  'people:profile:created',
  'people:profile:updated',
])

const eventNames = /^(session|people|message|website|plugin|campaign)(:[a-z_]+)+$/

const fields: Readonly<Record<string, AnswerField>> = { email: 'email', phone: 'phone', nickname: 'full_name' }

const bookkeeping = new Set('website_id session_id people_id avatar created_at updated_at segments'.split(' '))

export const crisp: Kind = {
  name: 'CRISP',
  title: 'Crisp',
  recognizes,
  read,
  // Events have no id. The timestamp is the event's, so a retry repeats it.
  repeatId: ({ body }) =>
    joinedId(
      textAt(body, 'event'),
      textAt(body, 'data', 'session_id') ?? textAt(body, 'data', 'people_id'),
      textAt(body, 'timestamp'),
    ),
  verification: hmac({
    header: 'x-crisp-signature',
    algorithm: 'sha256',
    encoding: 'hex',
    timestamp: { header: 'x-crisp-request-timestamp', unit: 'ms' },
    signed: '[{timestamp};{body}]',
  }),
  setup: [
    'In Crisp, open **Settings**, then **Website Settings**, then **Advanced configuration**, and choose **Webhooks**.',
    'Add a webhook, paste the URL of the source, and choose the events **session:set_email** and **people:profile:created**.',
    'Save it, then leave an address in a test chat. To verify requests, use a hook of a plugin from the Crisp Marketplace instead and set its signing secret as the secret of the source.',
  ],
  events:
    '`session:set_email`, `session:set_phone`, `people:profile:created` and `people:profile:updated` become leads; messages and every other event are ignored.',
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  if (objectAt(body, 'data') === undefined) return false
  return (
    eventAt(body, 'event', eventNames) !== undefined ||
    (textAt(body, 'website_id') !== undefined && textAt(body, 'data', 'session_id') !== undefined)
  )
}

function read({ body }: Payload): KindReading {
  const data = objectAt(body, 'data')
  const event = eventAt(body, 'event', eventNames) ?? 'session:set_email'
  if (!leadEvents.has(event) || textAt(data, 'from') === 'operator') return { outcome: 'ignored', event }
  return {
    outcome: 'lead',
    answers: [
      ...answersOfTexts(data, ['data'], { fields, except: bookkeeping }),
      ...answersOfTexts(objectAt(data, 'person'), ['data', 'person'], { fields, except: bookkeeping }),
      ...answerOf(['data', 'company', 'name'], 'company', textAt(data, 'company', 'name'), 'company'),
      ...answersOfPerson(objectAt(data, 'data'), ['data', 'data']),
    ],
  }
}
