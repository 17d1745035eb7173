import type { JsonObject, Payload } from '../../payload.ts'
import { labelOf } from '../../read/label.ts'
import { answerOf, objectAt, textAt, valueAt } from '../answers.ts'
import type { Answer, AnswerField, KindReading } from '../kind.ts'
import { answersOfCampaign, answersOfPerson, eventAt, isAddress } from '../people-answers.ts'

/** Calls of the Segment specification, which Segment and RudderStack share. */
const callTypes = new Set(['identify', 'track', 'page', 'screen', 'group', 'alias'])

const traitFields: Readonly<Record<string, AnswerField>> = {
  email: 'email',
  name: 'full_name',
  firstName: 'first_name',
  first_name: 'first_name',
  firstname: 'first_name',
  lastName: 'last_name',
  last_name: 'last_name',
  lastname: 'last_name',
  phone: 'phone',
}

const bookkeeping = new Set(['avatar', 'id', 'createdAt'])

/** Returns whether a payload is a call of the Segment specification. */
export function isAnalyticsCall(body: JsonObject): boolean {
  const keys = [
    'anonymousId',
    'userId',
    'messageId',
    'context',
    'originalTimestamp',
    'sentAt',
    'integrations',
    'receivedAt',
  ]
  const known = keys.filter((key) => Object.hasOwn(body, key)).length
  return known >= 4 || (known >= 2 && callTypes.has(textAt(body, 'type') ?? ''))
}

/** Returns whether a payload names a call. A person whose fields stand beside `type: identify` is no call. */
export function namesAnalyticsCall(body: JsonObject): boolean {
  const type = textAt(body, 'type') ?? ''
  if (!callTypes.has(type)) return false
  const hasParts = ['traits', 'properties', 'context'].some((key) => objectAt(body, key) !== undefined)
  if (hasParts || (type !== 'identify' && type !== 'track')) return true
  return type === 'track' && !Object.values(body).some(isAddress)
}

/** Reads a call: `identify` is a lead, `track` is one if it has the person's address, all others are ignored. */
export function readAnalyticsCall({ body }: Payload): KindReading {
  const traits = readTraits(body)
  const event = eventAt(body, 'type', /^[a-z]+$/) ?? typeOfTraits(traits)
  const context = readContext(body)
  const person = [...traits, ...readUserId(body, traits)]
  if (event === 'identify') return { outcome: 'lead', answers: [...person, ...context] }
  if (event !== 'track') return { outcome: 'ignored', event }
  const name = answerOf(['event'], 'event', textAt(body, 'event'), 'metadata')
  const answers = [...person, ...readProperties(body), ...name, ...context]
  return { outcome: 'lead', answers, ignoredWithoutAddress: event }
}

/** Returns the type of a call that has lost it. */
function typeOfTraits(traits: readonly Answer[]): string {
  return traits.length > 0 ? 'identify' : 'unknown'
}

/** Reads the traits, which a `track` has in its context, and RudderStack everywhere. Those of the call itself count first. */
function readTraits(body: JsonObject): Answer[] {
  const own = readPerson(objectAt(body, 'traits'), ['traits'])
  const known = new Set(own.map(({ label, field }) => field ?? label))
  const others = readPerson(objectAt(body, 'context', 'traits'), ['context', 'traits'])
  return [...own, ...others.filter(({ label, field }) => !known.has(field ?? label))]
}

function readPerson(object: JsonObject | undefined, base: readonly string[]): Answer[] {
  const company = textAt(object, 'company', 'name') === undefined ? ['company'] : ['company', 'name']
  return [
    ...answersOfPerson(object, base, { fields: traitFields, except: new Set([...bookkeeping, 'company']) }),
    ...answerOf([...base, ...company], 'company', textAt(object, ...company), 'company'),
  ]
}

/** Many use the address as the id of the user. */
function readUserId(body: JsonObject, traits: readonly Answer[]): Answer[] {
  const userId = valueAt(body, 'userId')
  return isAddress(userId) && !traits.some(isPersonsAddress) ? answerOf(['userId'], 'email', userId, 'email') : []
}

/** Properties of an event may be about somebody else, so an address among them is only a guess. */
function readProperties(body: JsonObject): Answer[] {
  return answersOfPerson(objectAt(body, 'properties'), ['properties'])
}

function isPersonsAddress({ label, field, value }: Answer): boolean {
  return isAddress(value) && (field ?? labelOf(label).field) === 'email'
}

function readContext(body: JsonObject): Answer[] {
  const page = ['context', 'page']
  return [
    ...answersOfCampaign(objectAt(body, 'context', 'campaign'), ['context', 'campaign']),
    ...answerOf([...page, 'url'], 'page_url', textAt(body, ...page, 'url'), 'metadata'),
    ...answerOf([...page, 'referrer'], 'referrer', textAt(body, ...page, 'referrer'), 'metadata'),
  ]
}

/** Returns whether RudderStack sent a call: by its marks, or by traits that stand in the context only. */
export function isRudderStack(body: JsonObject): boolean {
  const library = textAt(body, 'context', 'library', 'name') ?? ''
  if (Object.hasOwn(body, 'rudderId') || /rudder/i.test(library)) return true
  if (['projectId', 'writeKey', '_metadata'].some((key) => Object.hasOwn(body, key)) || library !== '') return false
  return objectAt(body, 'traits') === undefined && objectAt(body, 'context', 'traits') !== undefined
}
