import { isJsonObject, type JsonObject, type JsonValue, type Payload } from '../../payload.ts'
import { answerOf, assignedField, listAt, objectAt, textAt, valueAt } from '../answers.ts'
import type { Answer, AnswerField, Kind, KindReading } from '../kind.ts'
import { isOfStaff, joinedId } from '../people-answers.ts'

const fields: Readonly<Record<string, AnswerField>> = {
  email: 'email',
  firstname: 'first_name',
  lastname: 'last_name',
  phone: 'phone',
  company: 'company',
}

/** Keys of the contact that workflows send. */
const contactKeys = [
  'vid',
  'canonical-vid',
  'portal-id',
  'is-contact',
  'identity-profiles',
  'form-submissions',
  'profile-url',
]

export const hubspot: Kind = {
  name: 'HUBSPOT',
  title: 'HubSpot',
  recognizes,
  read,
  repeatId,
  setup: [
    'In HubSpot, open **Automation**, then **Workflows**, and open or create a contact-based workflow whose trigger is the form submission.',
    'Add the action **Send a webhook**, choose the method **POST**, and paste the URL of the source.',
    'Keep **Include all contact properties**, or choose the properties `email`, `firstname`, `lastname`, `phone` and `company`. Test the action, then turn the workflow on.',
  ],
  events:
    'A contact sent by a workflow becomes a lead. Of an app’s webhooks, `contact.creation` has ids only and is held, a changed `email` becomes a lead, and other subscriptions are ignored.',
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  if (textAt(body, 'subscriptionType') !== undefined && textAt(body, 'portalId') !== undefined) return true
  const properties = objectAt(body, 'properties')
  if (properties === undefined) return false
  const known = contactKeys.filter((key) => Object.hasOwn(body, key)).length
  if (known >= 2 || (known === 1 && Object.values(properties).some(isVersioned))) return true
  return Object.hasOwn(body, 'archived') || Object.hasOwn(properties, 'hs_object_id')
}

function isVersioned(property: JsonValue): boolean {
  return isJsonObject(property) && Object.hasOwn(property, 'value')
}

function read({ body }: Payload): KindReading {
  const subscription = textAt(body, 'subscriptionType')
  if (subscription !== undefined) return readSubscription(body, subscription)
  return {
    outcome: 'lead',
    answers: [
      ...propertiesOf(body).flatMap(([name, property]) => readProperty(name, property)),
      ...readIdentities(body),
      ...readCompany(body),
    ],
  }
}

function readSubscription(body: JsonObject, subscription: string): KindReading {
  const event = subscription.toLowerCase()
  if (event === 'contact.creation') return { outcome: 'needs_fetch', answers: [] }
  const name = textAt(body, 'propertyName')
  if (event !== 'contact.propertychange' || name !== 'email') return { outcome: 'ignored', event: subscription }
  return { outcome: 'lead', answers: answerOf(['propertyValue'], name, textAt(body, 'propertyValue'), 'email') }
}

/** Returns the properties, those that HubSpot computes last: there are dozens, and a contact keeps 50 values. */
function propertiesOf(body: JsonObject): [string, JsonValue][] {
  const properties = Object.entries(objectAt(body, 'properties') ?? {})
  const isComputed = ([name]: [string, JsonValue]) => name.startsWith('hs_')
  return [...properties.filter((property) => !isComputed(property)), ...properties.filter(isComputed)]
}

/** Reads a property, `{value, versions}` or, of the newer API, its value. */
function readProperty(name: string, property: JsonValue): Answer[] {
  if (isOfStaff(name)) return []
  const parts = ['properties', name]
  const field = assignedField(fields, name)
  if (isJsonObject(property)) return answerOf([...parts, 'value'], name, textAt(property, 'value'), field)
  return typeof property === 'object' ? [] : answerOf(parts, name, property, field)
}

/** Reads the addresses by which HubSpot knows the contact, where the property is missing. */
function readIdentities(body: JsonObject): Answer[] {
  const email = valueAt(body, 'properties', 'email')
  if ((textAt(email, 'value') ?? textAt(body, 'properties', 'email')) !== undefined) return []
  return listAt(body, 'identity-profiles').flatMap((profile, index) =>
    listAt(profile, 'identities').flatMap((identity, at) => {
      const parts = ['identity-profiles', index, 'identities', at, 'value']
      return textAt(identity, 'type') === 'EMAIL' ? answerOf(parts, 'email', textAt(identity, 'value'), 'email') : []
    }),
  )
}

function readCompany(body: JsonObject): Answer[] {
  if (textAt(body, 'properties', 'company', 'value') !== undefined) return []
  const parts = ['associated-company', 'properties', 'name', 'value']
  return answerOf(parts, 'company', textAt(body, ...parts), 'company')
}

/** A contact can pass a workflow again with new answers: only the same state of it is a repeat. */
function repeatId({ body }: Payload): string | undefined {
  const eventId = textAt(body, 'eventId')
  if (eventId !== undefined) return joinedId('event', eventId, textAt(body, 'occurredAt') ?? '')
  const changed = valueAt(body, 'properties', 'lastmodifieddate')
  return joinedId(textAt(body, 'vid') ?? textAt(body, 'id'), textAt(changed, 'value') ?? textAt(body, 'updatedAt'))
}
