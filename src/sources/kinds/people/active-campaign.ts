import type { Payload } from '../../payload.ts'
import { objectAt, textAt } from '../answers.ts'
import type { AnswerField, Kind, KindReading } from '../kind.ts'
import { answersOfPerson, answersOfTexts, eventAt, joinedId } from '../people-answers.ts'

const typeNames = /^[a-z_]+$/
const leadTypes = new Set(['subscribe', 'contact_add'])

const fields: Readonly<Record<string, AnswerField>> = {
  email: 'email',
  first_name: 'first_name',
  last_name: 'last_name',
  phone: 'phone',
  orgname: 'company',
  customer_acct_name: 'company',
}

const bookkeeping = new Set('id ip cdate udate hash customer_acct_id'.split(' '))

export const activeCampaign: Kind = {
  name: 'ACTIVE_CAMPAIGN',
  title: 'ActiveCampaign',
  recognizes,
  namesEvent: ({ body }) => eventAt(body, 'type', typeNames) !== undefined && objectAt(body, 'contact') !== undefined,
  read,
  repeatId: ({ body }) => joinedId(textAt(body, 'type'), textAt(body, 'date_time'), textAt(body, 'contact', 'id')),
  setup: [
    'In ActiveCampaign, open **Settings**, then **Developer**, then **Manage webhooks**, and choose **Add**.',
    'Paste the URL of the source and choose the event **Subscribe**, initiated by the sources you want. For one automation, add the action **Webhook** to it instead.',
    'Save it, then subscribe once through a form.',
  ],
  events:
    '`subscribe`, `contact_add` and the webhook of an automation become leads; every other type, such as `unsubscribe` and `contact_update`, is ignored.',
  evidence: 'recollection',
}

function recognizes({ body }: Payload): boolean {
  const contact = objectAt(body, 'contact')
  if (contact === undefined) return false
  const signs = ['type', 'date_time', 'initiated_by', 'initiated_from', 'list', 'seriesid'].filter((key) =>
    Object.hasOwn(body, key),
  )
  return signs.length >= 2 || (Object.hasOwn(body, 'seriesid') && Object.hasOwn(contact, 'email'))
}

function read({ body }: Payload): KindReading {
  const event = eventAt(body, 'type', typeNames) ?? 'subscribe'
  if (!leadTypes.has(event)) return { outcome: 'ignored', event }
  const contact = objectAt(body, 'contact')
  return {
    outcome: 'lead',
    answers: [
      ...answersOfTexts(contact, ['contact'], { fields, except: bookkeeping }),
      ...answersOfPerson(objectAt(contact, 'fields'), ['contact', 'fields']),
    ],
  }
}
