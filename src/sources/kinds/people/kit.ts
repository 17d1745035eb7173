import type { Payload } from '../../payload.ts'
import { objectAt, textAt } from '../answers.ts'
import type { AnswerField, Kind, KindReading } from '../kind.ts'
import { answersOfPerson, answersOfTexts } from '../people-answers.ts'

const fields: Readonly<Record<string, AnswerField>> = {
  email_address: 'email',
  first_name: 'first_name',
  last_name: 'last_name',
  company: 'company',
}

/** States of a subscriber who has left or cannot be reached. */
const goneStates = new Set(['cancelled', 'canceled', 'bounced', 'complained'])

export const kit: Kind = {
  name: 'KIT',
  title: 'Kit (ConvertKit)',
  recognizes,
  read,
  setup: [
    'In Kit, open **Settings**, then **Developer**, and create an API key.',
    'Send `POST https://api.kit.com/v4/webhooks` with the header `X-Kit-Api-Key` and `{"target_url": "<URL of the source>", "event": {"name": "subscriber.subscriber_activate"}}`.',
    'Use `{"name": "subscriber.form_subscribe", "form_id": <id>}` as the event for the subscribers of one form. Subscribe once to test it.',
  ],
  events: 'A subscriber becomes a lead, unless the state is `cancelled`, `bounced` or `complained`: those are ignored.',
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  const subscriber = objectAt(body, 'subscriber')
  if (subscriber === undefined) return false
  return ['email_address', 'state', 'fields', 'created_at'].filter((key) => Object.hasOwn(subscriber, key)).length >= 2
}

function read({ body }: Payload): KindReading {
  const subscriber = objectAt(body, 'subscriber')
  const state = textAt(subscriber, 'state') ?? 'active'
  if (goneStates.has(state)) return { outcome: 'ignored', event: state }
  const except = new Set(['id', 'state', 'created_at'])
  return {
    outcome: 'lead',
    answers: [
      ...answersOfTexts(subscriber, ['subscriber'], { fields, except }),
      ...answersOfPerson(objectAt(subscriber, 'fields'), ['subscriber', 'fields'], { fields }),
    ],
  }
}
