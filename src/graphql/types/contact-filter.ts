import { Prisma } from '../../generated/prisma/client.ts'
import { builder } from '../builder.ts'
import {
  DateTimeFilter,
  type DateTimeFilterInput,
  literal,
  StringFilter,
  type StringFilterInput,
  timeRange,
} from './filters.ts'

type Where = Prisma.ContactWhereInput

const MetadataFilter = builder.inputType('MetadataFilter', {
  fields: (t) => ({
    key: t.string({ required: true }),
    eq: t.string(),
    exists: t.boolean(),
  }),
})

interface MetadataFilterInput {
  key: string
  eq?: string | null | undefined
  exists?: boolean | null | undefined
}

export interface ContactFilterInput {
  and?: readonly ContactFilterInput[] | null | undefined
  or?: readonly ContactFilterInput[] | null | undefined
  not?: ContactFilterInput | null | undefined
  email?: StringFilterInput | null | undefined
  name?: StringFilterInput | null | undefined
  stage?: StringFilterInput | null | undefined
  source?: StringFilterInput | null | undefined
  utmSource?: StringFilterInput | null | undefined
  utmCampaign?: StringFilterInput | null | undefined
  metadata?: readonly MetadataFilterInput[] | null | undefined
  createdAt?: DateTimeFilterInput | null | undefined
  lastSeenAt?: DateTimeFilterInput | null | undefined
}

export const ContactFilter = builder.inputRef<ContactFilterInput>('ContactFilter').implement({
  fields: (t) => ({
    and: t.field({ type: [ContactFilter] }),
    or: t.field({ type: [ContactFilter] }),
    not: t.field({ type: ContactFilter }),
    email: t.field({ type: StringFilter, description: 'Needs the scope PII_READ.' }),
    name: t.field({ type: StringFilter, description: 'First name, last name, or both with a space.' }),
    stage: t.field({ type: StringFilter }),
    source: t.field({ type: StringFilter }),
    utmSource: t.field({ type: StringFilter }),
    utmCampaign: t.field({ type: StringFilter }),
    metadata: t.field({ type: [MetadataFilter] }),
    createdAt: t.field({ type: DateTimeFilter }),
    lastSeenAt: t.field({ type: DateTimeFilter }),
  }),
})

/** Whether the filter asks for e-mails: it could be used to guess them letter by letter. */
export function asksForEmails({ email, and, or, not }: ContactFilterInput): boolean {
  return Boolean(email) || [...(and ?? []), ...(or ?? []), ...(not ? [not] : [])].some(asksForEmails)
}

/** A filter as Prisma takes it. Every part is true or false of a row, never unknown, so that `not` means the rest. */
export function whereOfFilter(filter: ContactFilterInput): Where {
  const { and, or, not, email, name, stage, source, utmSource, utmCampaign, metadata, createdAt, lastSeenAt } = filter
  const parts: Where[] = [
    ...(and ?? []).map(whereOfFilter),
    ...(or ? [anyOf(or.map(whereOfFilter))] : []),
    ...(not ? [{ NOT: whereOfFilter(not) }] : []),
    ...(email ? [text(lowerCased(email), (email) => ({ email }))] : []),
    ...(name ? [nameWhere(name)] : []),
    ...(stage ? [text(stage, (stage) => ({ stage }))] : []),
    ...(source ? [nullableText(source, (source) => ({ source }))] : []),
    ...(utmSource ? [metadataText('utm_source', utmSource)] : []),
    ...(utmCampaign ? [metadataText('utm_campaign', utmCampaign)] : []),
    ...(metadata ?? []).map(metadataWhere),
    ...(createdAt ? [{ createdAt: timeRange(createdAt) }] : []),
    ...(lastSeenAt ? [{ lastSeenAt: timeRange(lastSeenAt) }] : []),
  ]
  return { AND: parts }
}

/** Every word is in the e-mail or a name; only the names for who may not read e-mails. */
export function whereOfSearch(search: string, seesEmails: boolean): Where {
  const words = search.split(/\s+/).filter((word) => word !== '')
  return { AND: words.map((word) => whereOfWord(word, seesEmails)) }
}

function whereOfWord(word: string, seesEmails: boolean): Where {
  const contains = containing(word)
  const email: Where = { email: { contains: literal(word.toLowerCase()) } }
  return { OR: [{ firstName: contains }, { lastName: contains }, ...(seesEmails ? [email] : [])] }
}

interface TextCondition {
  equals?: string
  in?: string[]
  contains?: string
  startsWith?: string
  mode?: 'insensitive'
}

/** Prisma drops an empty OR where it stands in an AND. */
function anyOf(parts: Where[]): Where {
  return parts.length === 0 ? nothing : { OR: parts }
}

const nothing: Where = { id: { in: [] } }

function text(filter: StringFilterInput, of: (condition: TextCondition) => Where): Where {
  return filter.isNull == null ? of(conditionOf(filter)) : isNullOfPresent(filter.isNull)
}

/** A column that is never null. */
function isNullOfPresent(isNull: boolean): Where {
  return isNull ? nothing : {}
}

function nullableText(
  filter: StringFilterInput,
  of: (condition: TextCondition | null | { not: null }) => Where,
): Where {
  if (filter.isNull != null) return of(filter.isNull ? null : { not: null })
  return { AND: [of({ not: null }), of(conditionOf(filter))] }
}

function conditionOf({ eq, in: values, contains, startsWith }: StringFilterInput): TextCondition {
  if (eq != null) return { equals: eq }
  if (values != null) return { in: [...values] }
  if (contains != null) return containing(contains)
  return { startsWith: literal(startsWith ?? ''), mode: 'insensitive' }
}

function containing(part: string): TextCondition {
  return { contains: literal(part), mode: 'insensitive' }
}

function lowerCased(filter: StringFilterInput): StringFilterInput {
  if (filter.eq != null) return { eq: filter.eq.toLowerCase() }
  return filter.in == null ? filter : { in: filter.in.map((value) => value.toLowerCase()) }
}

function nameWhere(filter: StringFilterInput): Where {
  if (filter.isNull != null) {
    const isNameless: Where = { firstName: null, lastName: null }
    return filter.isNull ? isNameless : { NOT: isNameless }
  }
  const parts = [
    nullableText(filter, (firstName) => ({ firstName })),
    nullableText(filter, (lastName) => ({ lastName })),
    ...splits(filter.eq ?? '').map(([first, last]) => fullName({ equals: first }, { equals: last })),
    ...(filter.in ?? []).flatMap(splits).map(([first, last]) => fullName({ equals: first }, { equals: last })),
    ...splits(filter.contains ?? '').map(([first, last]) =>
      fullName({ endsWith: literal(first), mode: 'insensitive' }, startingWith(last)),
    ),
    ...splits(filter.startsWith ?? '').map(([first, last]) =>
      fullName({ equals: first, mode: 'insensitive' }, startingWith(last)),
    ),
  ]
  return { OR: parts }
}

type NameCondition = TextCondition & { endsWith?: string }

function fullName(firstName: NameCondition, lastName: NameCondition): Where {
  return { AND: [{ firstName: { not: null } }, { lastName: { not: null } }, { firstName }, { lastName }] }
}

function startingWith(part: string): TextCondition {
  return { startsWith: literal(part), mode: 'insensitive' }
}

/** Every way in which a text can be a first and a last name. */
function splits(value: string): [string, string][] {
  return [...value.matchAll(/ /g)].map(({ index }) => [value.slice(0, index), value.slice(index + 1)])
}

function metadataText(key: string, filter: StringFilterInput): Where {
  const path = [key]
  const exists = metadataExists(key)
  if (filter.isNull != null) return filter.isNull ? { NOT: exists } : exists
  return { AND: [exists, metadataMatches(path, filter)] }
}

function metadataMatches(path: string[], { eq, in: values, contains, startsWith }: StringFilterInput): Where {
  if (eq != null) return { metadata: { path, equals: eq } }
  if (values != null) return anyOf(values.map((value) => ({ metadata: { path, equals: value } })))
  if (contains != null) return { metadata: { path, string_contains: literal(contains), mode: 'insensitive' } }
  return { metadata: { path, string_starts_with: literal(startsWith ?? ''), mode: 'insensitive' } }
}

function metadataExists(key: string): Where {
  return { NOT: { metadata: { path: [key], equals: Prisma.DbNull } } }
}

/** Numbers and booleans are met by how they are written. */
function metadataWhere({ key, eq, exists }: MetadataFilterInput): Where {
  const path = [key]
  const there = metadataExists(key)
  const written =
    eq == null ? [] : [eq, ...(/^(?:true|false|-?\d{1,15}(?:\.\d{1,6})?)$/.test(eq) ? [parsePrimitive(eq)] : [])]
  const parts: Where[] = [
    ...(exists == null ? [] : [exists ? there : { NOT: there }]),
    ...(eq == null ? [] : [there, { OR: written.map((equals) => ({ metadata: { path, equals } })) }]),
  ]
  return { AND: parts.length === 0 ? [there] : parts }
}

function parsePrimitive(text: string): number | boolean {
  return text === 'true' || text === 'false' ? text === 'true' : Number(text)
}
