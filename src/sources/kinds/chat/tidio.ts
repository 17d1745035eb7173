import type { Payload } from '../../payload.ts'
import { hmac } from '../../verify/hmac.ts'
import { answersOfPairs, listAt, objectAt, textAt } from '../answers.ts'
import type { AnswerField, Kind, KindReading } from '../kind.ts'
import { answersOfTexts, eventAt, joinedId, leadIfReachable } from '../people-answers.ts'

const fields: Readonly<Record<string, AnswerField>> = {
  email: 'email',
  first_name: 'first_name',
  last_name: 'last_name',
  phone: 'phone',
}

const bookkeeping = new Set('id contact_id distinct_id created_at updated_at email_consent'.split(' '))

export const tidio: Kind = {
  name: 'TIDIO',
  title: 'Tidio',
  recognizes,
  read,
  repeatId: ({ body }) =>
    joinedId(
      textAt(body, 'topic'),
      textAt(body, 'content', 'id') ?? textAt(body, 'content', 'contact_id'),
      textAt(body, 'topic') === 'contact.created' ? '' : textAt(body, 'created_at'),
    ),
  verification: hmac({
    header: 'x-tidio-signature',
    algorithm: 'sha256',
    encoding: 'hex',
    signatureField: 's',
    timestamp: { field: 't', unit: 's' },
    signed: '{body}_{timestamp}',
  }),
  setup: [
    'For a chatbot: in **Flows**, add the action **API call** after the question for the address, choose **POST**, and paste the URL of the source.',
    'Write a JSON body with the keys `email`, `name` and `phone`, and choose the contact’s properties as their values. Test the call and save the flow.',
    'For every new contact instead: open **Settings**, then **Developer**, then **Webhooks**, paste the URL, choose `contact.created`, and set the webhook’s secret as the secret of the source.',
  ],
  events:
    'The body of an API call becomes a lead, and so does `contact.created`; `contact.updated` does when it has an address or a phone; every other topic is ignored.',
  evidence: 'recollection',
}

function recognizes({ body }: Payload): boolean {
  if (objectAt(body, 'content') === undefined) return false
  return ['topic', 'project_public_key', 'webhook_id'].filter((key) => textAt(body, key) !== undefined).length >= 2
}

function read({ body }: Payload): KindReading {
  const event = eventAt(body, 'topic', /^[a-z_]+(\.[a-z_]+)+$/) ?? 'contact.created'
  if (event !== 'contact.created' && event !== 'contact.updated') return { outcome: 'ignored', event }
  const base = objectAt(body, 'content', 'contact') === undefined ? ['content'] : ['content', 'contact']
  const contact = objectAt(body, ...base)
  const answers = [
    ...answersOfTexts(contact, base, { fields, except: bookkeeping }),
    ...answersOfPairs(listAt(contact, 'properties'), [...base, 'properties'], { label: ['name'], value: ['value'] }),
  ]
  return event === 'contact.updated' ? leadIfReachable(event, answers) : { outcome: 'lead', answers }
}
