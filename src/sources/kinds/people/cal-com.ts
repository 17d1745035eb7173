import { isJsonObject, type JsonObject, type JsonValue, type Payload } from '../../payload.ts'
import { hmac } from '../../verify/hmac.ts'
import { answerOf, assignedField, listAt, objectAt, type PathPart, textAt, valueAt } from '../answers.ts'
import type { Answer, AnswerField, Kind, KindReading } from '../kind.ts'
import { answersOfTexts, eventAt, isAddress, isOfStaff, joinedId, metadataOf } from '../people-answers.ts'

const leadEvents = new Set(['BOOKING_CREATED', 'BOOKING_REQUESTED', 'FORM_SUBMITTED', 'FORM_SUBMITTED_NO_EVENT'])

const eventNames = /^[A-Z]+(_[A-Z]+)*$/

/** Cal.com's own questions. */
const fields: Readonly<Record<string, AnswerField>> = {
  email: 'email',
  name: 'full_name',
  attendeePhoneNumber: 'phone',
  phone: 'phone',
  smsReminderNumber: 'phone',
  location: 'metadata',
  title: 'metadata',
  notes: 'metadata',
  rescheduleReason: 'metadata',
}

export const calCom: Kind = {
  name: 'CAL_COM',
  title: 'Cal.com',
  recognizes,
  read,
  // Every event of a booking has the same uid, so the event is part of the id.
  repeatId: ({ body }) => joinedId(eventOf(body), textAt(body, 'payload', 'uid')),
  verification: hmac({ header: 'x-cal-signature-256', algorithm: 'sha256', encoding: 'hex' }),
  setup: [
    'In Cal.com, open **Settings**, then **Developer**, then **Webhooks**, and choose **New**.',
    'Paste the URL of the source as **Subscriber URL**, choose the triggers **Booking created** and **Form submitted**, and enter the secret of the source as **Secret**.',
    'Leave **Custom payload template** off, choose **Ping test** if you like (it is ignored), and save.',
  ],
  events:
    '`BOOKING_CREATED`, `BOOKING_REQUESTED`, `FORM_SUBMITTED` and `FORM_SUBMITTED_NO_EVENT` become leads; every other trigger, such as `BOOKING_CANCELLED` and `BOOKING_RESCHEDULED`, is ignored.',
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  const payload = objectAt(body, 'payload')
  if (payload === undefined) return false
  if (eventAt(body, 'triggerEvent', eventNames) !== undefined) return true
  const keys = ['organizer', 'attendees', 'responses', 'bookingId', 'bookerUrl', 'eventTypeId']
  return keys.filter((key) => Object.hasOwn(payload, key)).length >= 3
}

function eventOf(body: JsonValue): string {
  return eventAt(body, 'triggerEvent', eventNames) ?? 'BOOKING_CREATED'
}

function read({ body }: Payload): KindReading {
  const event = eventOf(body)
  if (!leadEvents.has(event)) return { outcome: 'ignored', event }
  const payload = objectAt(body, 'payload') ?? {}
  const hosts = hostAddresses(payload)
  const said = [
    ...readResponses(payload, 'responses'),
    ...readResponses(payload, 'userFieldsResponses'),
    ...answersOfTexts(objectAt(payload, 'customInputs'), ['payload', 'customInputs']),
  ].filter(({ value }) => !isHost(value, hosts))
  return {
    outcome: 'lead',
    answers: [
      ...said,
      ...readAttendees(payload, said, hosts),
      ...metadataOf(payload, ['payload'], ['startTime', 'endTime', 'additionalNotes', 'formName']),
    ],
  }
}

/** Returns the addresses of those who host the meeting. */
function hostAddresses(payload: JsonObject): ReadonlySet<string> {
  const people = [
    payload['organizer'],
    payload['user'],
    ...listAt(payload, 'hosts'),
    ...listAt(payload, 'team', 'members'),
  ]
  return new Set(people.flatMap((person) => textAt(person, 'email')?.toLowerCase() ?? []))
}

function isHost(value: JsonValue | undefined, hosts: ReadonlySet<string>): boolean {
  return typeof value === 'string' && hosts.has(value.trim().toLowerCase())
}

/** Reads what the booker typed: `{name: {label, value}}`. Guests are other people, invited by the booker. */
function readResponses(payload: JsonObject, name: 'responses' | 'userFieldsResponses'): Answer[] {
  return Object.entries(objectAt(payload, name) ?? {}).flatMap(([key, response]) => {
    const value = isJsonObject(response) ? valueAt(response, 'value') : response
    if (key === 'guests' || (isOfStaff(key) && isAddress(value))) return []
    const parts = ['payload', name, key, ...(isJsonObject(response) ? ['value'] : [])]
    const field = assignedField(fields, key)
    if (isJsonObject(value)) return readNested(key, parts, value)
    return answerOf(parts, field === undefined ? (textAt(response, 'label') ?? key) : key, value, field)
  })
}

/** Reads a name in two parts and a place with its address. */
function readNested(key: string, parts: readonly PathPart[], value: JsonObject): Answer[] {
  if (key !== 'name') return metadataOf(value, parts, ['optionValue', 'value'])
  return [
    ...answerOf([...parts, 'firstName'], 'first_name', textAt(value, 'firstName'), 'first_name'),
    ...answerOf([...parts, 'lastName'], 'last_name', textAt(value, 'lastName'), 'last_name'),
  ]
}

/** The attendees are the booker and the guests: the booker's answers say which. Without them, all are candidates. */
function readAttendees(payload: JsonObject, said: readonly Answer[], hosts: ReadonlySet<string>): Answer[] {
  const attendees = listAt(payload, 'attendees')
    .map((person, index) => ({ person, index, email: textAt(person, 'email') ?? '' }))
    .filter(({ email }) => isAddress(email) && !isHost(email, hosts))
  const addresses = new Set(
    said.flatMap(({ value }) => (typeof value === 'string' && isAddress(value) ? [lower(value)] : [])),
  )
  const booker =
    attendees.find(({ email }) => addresses.has(lower(email))) ?? (addresses.size === 0 ? attendees[0] : undefined)
  const isClear = booker !== undefined && (addresses.size > 0 || attendees.length === 1)
  return [
    ...(addresses.size > 0 ? [] : attendees.flatMap(({ index, email }) => at(index, 'email', email, 'email'))),
    ...(isClear ? readAttendee(booker.person, booker.index, said) : []),
  ]
}

function readAttendee(person: JsonValue, index: number, said: readonly Answer[]): Answer[] {
  const hasName = said.some(({ field }) => field === 'full_name' || field === 'first_name')
  return [
    ...(hasName ? [] : at(index, 'name', textAt(person, 'name'), 'full_name')),
    ...(said.some(({ field }) => field === 'phone')
      ? []
      : at(index, 'phoneNumber', textAt(person, 'phoneNumber'), 'phone')),
    ...at(index, 'timeZone', textAt(person, 'timeZone'), 'metadata'),
  ]
}

function at(index: number, name: string, value: string | undefined, field: AnswerField): Answer[] {
  return answerOf(['payload', 'attendees', index, name], name, value, field)
}

function lower(text: string): string {
  return text.trim().toLowerCase()
}
