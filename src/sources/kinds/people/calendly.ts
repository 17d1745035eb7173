import type { JsonValue, Payload } from '../../payload.ts'
import { hmac } from '../../verify/hmac.ts'
import { answersOfPairs, listAt, objectAt, textAt, valueAt } from '../answers.ts'
import type { AnswerField, Kind, KindReading } from '../kind.ts'
import { answersOfTexts, eventAt, joinedId, metadataOf } from '../people-answers.ts'

const leadEvents = new Set(['invitee.created', 'routing_form_submission.created'])

const fields: Readonly<Record<string, AnswerField>> = {
  email: 'email',
  name: 'full_name',
  first_name: 'first_name',
  last_name: 'last_name',
  text_reminder_number: 'phone',
  timezone: 'metadata',
}

/** Keys of an invitee about the booking. Objects are not read: `scheduled_event` holds the hosts and the guests. */
const bookkeeping = new Set(
  'uri event cancel_url reschedule_url created_at updated_at status rescheduled new_invitee old_invitee no_show invitee_scheduled_by scheduling_method routing_form_submission routing_form submitter submitter_type reconfirmation'.split(
    ' ',
  ),
)

export const calendly: Kind = {
  name: 'CALENDLY',
  title: 'Calendly',
  recognizes,
  read,
  // A cancellation repeats the URI of the invitee, so the event is part of the id.
  repeatId: ({ body }) => joinedId(eventOf(body), textAt(body, 'payload', 'uri')),
  verification: hmac({
    header: 'calendly-webhook-signature',
    algorithm: 'sha256',
    encoding: 'hex',
    signatureField: 'v1',
    timestamp: { field: 't', unit: 's' },
    signed: '{timestamp}.{body}',
  }),
  setup: [
    'In Calendly, open **Integrations & apps**, then **API and webhooks**, and create a personal access token. Webhooks need a paid plan.',
    'Read the URI of your organization: `GET https://api.calendly.com/users/me` with the header `Authorization: Bearer <token>`.',
    'Send `POST https://api.calendly.com/webhook_subscriptions` with the same header and `{"url": "<URL of the source>", "events": ["invitee.created", "routing_form_submission.created"], "organization": "<URI>", "scope": "organization", "signing_key": "<secret of the source>"}`.',
  ],
  events:
    '`invitee.created`, also of a rescheduled meeting, and `routing_form_submission.created` become leads; `invitee.canceled` and every other event is ignored.',
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  const payload = objectAt(body, 'payload')
  if (payload === undefined) return false
  if (/^(invitee|routing_form_submission)[._]/.test(textAt(body, 'event') ?? '')) return true
  const uris = [payload['uri'], payload['event'], valueAt(payload, 'scheduled_event', 'uri'), body['created_by']]
  return uris.some((uri) => typeof uri === 'string' && uri.startsWith('https://api.calendly.com/'))
}

function read({ body }: Payload): KindReading {
  const event = eventOf(body)
  if (!leadEvents.has(event)) return { outcome: 'ignored', event }
  const payload = objectAt(body, 'payload')
  return {
    outcome: 'lead',
    answers: [
      ...answersOfTexts(payload, ['payload'], { fields, except: bookkeeping }),
      ...answersOfPairs(listAt(payload, 'questions_and_answers'), ['payload', 'questions_and_answers'], {
        label: ['question'],
        value: ['answer'],
      }),
      ...answersOfTexts(objectAt(payload, 'tracking'), ['payload', 'tracking']),
      ...metadataOf(valueAt(payload, 'scheduled_event'), ['payload', 'scheduled_event'], ['start_time', 'end_time']),
    ],
  }
}

/** Returns the event. A payload without its name is a booking unless the invitee was canceled. */
function eventOf(body: JsonValue): string {
  const event = eventAt(body, 'event', /^[a-z_]+\.[a-z_.]+$/)
  if (event !== undefined) return event
  const canceled =
    textAt(body, 'payload', 'status') === 'canceled' || objectAt(body, 'payload', 'cancellation') !== undefined
  return canceled ? 'invitee.canceled' : 'invitee.created'
}
