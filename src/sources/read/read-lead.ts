import type { SourceKind } from '../../generated/prisma/enums.ts'
import { normaliseEmail } from '../../platform/text/email.ts'
import type { Kind } from '../kinds/kind.ts'
import { boundPayload } from '../mapping/bounds.ts'
import { applyMapping, type MappedValue, type MappingRule } from '../mapping/rules.ts'
import { isJsonObject, type JsonValue, type Payload } from '../payload.ts'
import { cutLine, spacedTextOf, textOf } from '../value-text.ts'
import { readPayload } from './answers.ts'
import { type Finding, fieldOf, pathOf, trackingKeyOf } from './finding.ts'
import { labelOf } from './label.ts'
import { chooseName, nameLine, nameOf, type PersonName, splitName } from './names.ts'
import { collectPerson } from './person.ts'
import { addressesIn, chooseEmail, type EmailReason } from './values/emails.ts'
import { isDropped, MetadataCollector, type MetadataValue } from './values/metadata.ts'
import { trackingInQuery } from './values/tracking.ts'

/** Why a lead is held. */
type HeldReason = EmailReason | 'test_lead' | 'needs_fetch'

export interface LeadInput {
  readonly payload: Payload
  /** Kind of the source; undefined for GENERIC. */
  readonly kind: Kind | undefined
  /** All kinds, among which the shape of the payload is looked up. */
  readonly kinds: readonly Kind[]
  readonly mapping: readonly MappingRule[]
  /** Address given by hand for a held lead; it replaces whatever the payload has. */
  readonly emailByHand?: string
  /** Query of the source's URL. */
  readonly query: URLSearchParams
  readonly sourceName: string
  /** ISO 3166 code for phone numbers without `+`. */
  readonly defaultCountry: string | undefined
}

/** Fields of the contact, as a capture writes them. */
interface LeadFields {
  readonly firstName?: string
  readonly lastName?: string
  readonly source: string
  readonly metadata: Readonly<Record<string, MetadataValue>>
}

export interface LeadReading {
  readonly status: 'accepted' | 'held' | 'ignored'
  /** Empty for an accepted lead; the name of the event for an ignored one. */
  readonly reasons: readonly string[]
  readonly email: string | undefined
  readonly fields: LeadFields
  /** Kind whose shape the payload has; undefined when it was read as a whole. */
  readonly recognizedKind: SourceKind | undefined
}

/** Reads the lead of a payload. It never throws, and never decides between two addresses that could be the lead's. */
export function readLead(input: LeadInput): LeadReading {
  const body = boundPayload(input.payload.body)
  const reading = readPayload({ ...input.payload, body }, input.kind, input.kinds)
  const recognizedKind = reading.kind?.name
  if (reading.outcome === 'ignored') return ignored(reading.event, input, recognizedKind)
  const mapped = applyMapping(input.mapping, body)
  const choice = emailOf(input, mapped, reading.findings)
  const { ignoredWithoutAddress } = reading
  if (ignoredWithoutAddress !== undefined && choice.email === undefined && !reading.findings.some(holdsAddress))
    return ignored(ignoredWithoutAddress, input, recognizedKind)
  const fields = fieldsOf(input, mapped, reading.findings, choice)
  const isGiven = input.emailByHand !== undefined || mapped.some(({ field }) => field === 'email')
  const reasons = reasonsOf(reading.outcome, choice.reason, isGiven)
  return { status: reasons.length === 0 ? 'accepted' : 'held', reasons, email: choice.email, fields, recognizedKind }
}

/** Returns whether a value is an address of anybody, or stands where the person's is expected and may be one, mistyped. */
function holdsAddress(finding: Finding): boolean {
  const { value } = finding
  return addressesIn(value).length > 0 || (fieldOf(finding) === 'email' && textOf(value).includes('@'))
}

function ignored(event: string, input: LeadInput, recognizedKind: SourceKind | undefined): LeadReading {
  const fields = { source: sourceOf(undefined, input), metadata: {} }
  return { status: 'ignored', reasons: [event], email: undefined, fields, recognizedKind }
}

interface ChosenEmail {
  readonly email: string | undefined
  readonly reason: EmailReason | undefined
  readonly finding: Finding | undefined
}

/** The user's own rule decides alone: where it finds nothing, another address could be somebody else's. */
function emailOf(input: LeadInput, mapped: readonly MappedValue[], findings: readonly Finding[]): ChosenEmail {
  if (input.emailByHand !== undefined) return givenEmail(input.emailByHand, findings)
  if (!input.mapping.some(({ field }) => field === 'email')) {
    const choice = chooseEmail(findings)
    if (choice.email === undefined) return { email: undefined, reason: choice.reason, finding: undefined }
    return { email: choice.email, reason: undefined, finding: choice.finding }
  }
  const rule = mapped.find(({ field }) => field === 'email')
  if (rule === undefined) return { email: undefined, reason: 'needs_mapping', finding: undefined }
  const emails = new Set(addressesIn(rule.value))
  const [email] = emails
  const finding = findings.find((other) => pathOf(other) === rule.path)
  if (email === undefined) return { email, reason: 'invalid_email', finding }
  return emails.size > 1
    ? { email: undefined, reason: 'ambiguous_email', finding }
    : { email, reason: undefined, finding }
}

function givenEmail(given: string, findings: readonly Finding[]): ChosenEmail {
  const email = normaliseEmail(given)
  const finding = findings.find(({ value }) => email !== undefined && addressesIn(value).includes(email))
  return { email, reason: email === undefined ? 'invalid_email' : undefined, finding }
}

/** A test stays a test whatever it holds; ids alone become a lead with an address by the user's mapping or by hand. */
function reasonsOf(
  outcome: 'lead' | 'test' | 'needs_fetch',
  emailReason: EmailReason | undefined,
  isGiven: boolean,
): HeldReason[] {
  if (outcome === 'test') return ['test_lead']
  if (outcome === 'needs_fetch' && !(isGiven && emailReason === undefined)) return ['needs_fetch']
  return emailReason === undefined ? [] : [emailReason]
}

function fieldsOf(
  input: LeadInput,
  mapped: readonly MappedValue[],
  found: readonly Finding[],
  { email, finding }: ChosenEmail,
): LeadFields {
  const findings = mapped.length === 0 ? found : withoutMapped(found, mapped)
  const byField = new Map(mapped.map(({ field, value }) => [field, value] as const))
  const name = chooseName(findings, finding)
  const metadata = new MetadataCollector()
  for (const [field, value] of byField) if (field.startsWith('metadata.')) metadata.add(field.slice(9), value)
  const names = namesOf(byField, name)
  const used = new Set([...name.used, ...collectPerson(findings, byField, input.defaultCountry, metadata)])
  collectTracking(findings, input.query, metadata)
  for (const other of findings) {
    if (metadata.isFull) break
    if (!(used.has(other) || isAddressOf(other.value, email) || repeatsName(other, names))) collectRest(other, metadata)
  }
  return { ...names, source: sourceOf(byField.get('source'), input), metadata: metadata.toObject() }
}

const fieldsOfParts = new Set(['full_name', 'first_name', 'last_name', 'phone'])

/** Leaves out what a rule has taken; of a name and a phone number also its parts, such as `{first, last}`. */
function withoutMapped(findings: readonly Finding[], mapped: readonly MappedValue[]): Finding[] {
  const paths = new Set(mapped.map(({ path }) => path))
  const outer = mapped.filter(({ field }) => fieldsOfParts.has(field)).flatMap(({ path }) => [`${path}.`, `${path}[`])
  return findings.filter((finding) => {
    const path = pathOf(finding)
    return !(paths.has(path) || outer.some((start) => path.startsWith(start)))
  })
}

function collectTracking(findings: readonly Finding[], query: URLSearchParams, metadata: MetadataCollector): void {
  for (const finding of findings) {
    const key = trackingKeyOf(finding)
    if (key !== undefined && !metadata.has(key)) metadata.add(key, finding.value)
  }
  for (const [key, value] of trackingInQuery(query)) if (!metadata.has(key)) metadata.add(key, value)
}

function collectRest(finding: Finding, metadata: MetadataCollector): void {
  const key = trackingKeyOf(finding)
  if (key !== undefined) metadata.add(key, finding.value)
  else if (!isDropped(finding.labels.at(-1)?.text ?? '')) metadata.addLabelled(finding.keyText, finding.value)
}

/** Tools send one name in several forms: `name` beside `first_name`. */
function repeatsName(finding: Finding, { firstName, lastName }: PersonName): boolean {
  const named = fieldOf(finding)
  if (named !== 'first_name' && named !== 'last_name' && named !== 'full_name') return false
  const line = nameLine(textOf(finding.value))
  return line !== '' && [firstName, lastName, `${firstName} ${lastName}`].includes(line)
}

function isAddressOf(value: JsonValue, email: string | undefined): boolean {
  const emails = email === undefined ? [] : addressesIn(value)
  return emails.length > 0 && emails.every((other) => other === email)
}

/** Names of the user's mapping win over found ones; a mapped full name over a found first and last one. */
function namesOf(mapped: ReadonlyMap<string, JsonValue>, found: PersonName): PersonName {
  const line = (field: string) => nameLine(spacedTextOf(mapped.get(field) ?? null)) || undefined
  const full = line('full_name')
  const fallback = full === undefined ? found : (partsOfName(mapped.get('full_name')) ?? splitName(full))
  return nameOf(line('first_name') ?? fallback.firstName, line('last_name') ?? fallback.lastName)
}

/** Returns the first and the last name of an object that has both; undefined for another value. */
function partsOfName(value: JsonValue | undefined): PersonName | undefined {
  if (value === undefined || !isJsonObject(value)) return undefined
  const part = (field: 'first_name' | 'last_name') => {
    const entry = Object.entries(value).find(([key]) => labelOf(key).field === field)
    return nameLine(textOf(entry?.[1] ?? null))
  }
  const [firstName, lastName] = [part('first_name'), part('last_name')]
  return firstName === '' || lastName === '' ? undefined : { firstName, lastName }
}

const maxSourceLength = 200

/** The source is what the mapping finds, else the query's `source`, else the name of the source. */
function sourceOf(mapped: JsonValue | undefined, { query, sourceName }: LeadInput): string {
  const lines = [mapped === undefined ? '' : textOf(mapped), query.get('source') ?? '', sourceName]
  return lines.map((text) => cutLine(text, maxSourceLength)).find((line) => line !== '') ?? ''
}
