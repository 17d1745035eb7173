import { Prisma } from '../../generated/prisma/client.ts'
import type { ContactFilterInput, MetadataFilterInput } from './contact-filter.ts'
import { type DateTimeFilterInput, literal, type StringFilterInput } from './filters.ts'

/** What is true of a contact, in SQL, over the columns of its table; what is unknown counts as false. */
export type Where = Prisma.Sql

const { sql, join } = Prisma

const everything = sql`true`
const nothing = sql`false`
const name = sql`btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))`
/** What contact_search_idx has: first and last name, those behind the e-mail, and the pairs of characters of it all. */
const lowerName = sql`lower(${name})`
const lowerPerson = sql`lower(email || ' ' || ${name})`
const pairs = sql`contact_pairs(${lowerPerson})`

/** By contact_search_idx where it is about what that index has (docs/decisions/0011). */
export function whereOfFilter(filter: ContactFilterInput): Where {
  const { and, or, not, stage, source, utmSource, utmCampaign, metadata, createdAt, lastSeenAt } = filter
  return allOf([
    ...(and ?? []).map(whereOfFilter),
    ...(or ? [anyOf(or.map(whereOfFilter))] : []),
    ...(not ? [sql`(${whereOfFilter(not)}) is not true`] : []),
    ...(filter.email ? [emailWhere(filter.email)] : []),
    ...(filter.name ? [nameWhere(filter.name)] : []),
    ...(stage ? [textWhere(sql`stage`, stage)] : []),
    ...(source ? [textWhere(sql`source`, source)] : []),
    ...(utmSource ? [metadataText('utm_source', utmSource)] : []),
    ...(utmCampaign ? [metadataText('utm_campaign', utmCampaign)] : []),
    ...(metadata ?? []).map(metadataWhere),
    ...(createdAt ? [timeWhere(sql`created_at`, createdAt)] : []),
    ...(lastSeenAt ? [timeWhere(sql`last_seen_at`, lastSeenAt)] : []),
  ])
}

/** Every word is in the e-mail or a name; only the names for who may not read e-mails. */
export function whereOfSearch(search: string, seesEmails: boolean): Where {
  const column = seesEmails ? lowerPerson : lowerName
  const words = search.split(/\s+/).filter((word) => word !== '')
  return allOf(words.map((word) => having(column, word)))
}

export function allOf(parts: readonly Where[]): Where {
  return parts.length === 0 ? everything : sql`(${join([...parts], ' and ')})`
}

function anyOf(parts: readonly Where[]): Where {
  return parts.length === 0 ? nothing : sql`(${join([...parts], ' or ')})`
}

export function textWhere(
  column: Prisma.Sql,
  { eq, in: values, contains, startsWith, isNull }: StringFilterInput,
): Where {
  if (isNull != null) return isNullWhere(column, isNull)
  if (eq != null) return sql`${column} = ${eq}`
  if (values != null) return sql`${column} = any (${[...values]}::text[])`
  return contains != null ? containing(column, contains) : startingWith(column, startsWith ?? '')
}

function isNullWhere(column: Prisma.Sql, isNull: boolean): Where {
  return isNull ? sql`${column} is null` : sql`${column} is not null`
}

function containing(text: Prisma.Sql, part: string): Where {
  return sql`${text} ilike ${`%${literal(part)}%`}`
}

function startingWith(text: Prisma.Sql, part: string): Where {
  return sql`${text} ilike ${`${literal(part)}%`}`
}

/**
 * Of a text in lower case: so is the part, and LIKE takes half of the time of ILIKE. What has no trigram the index finds
 * by its pairs; and not LIKE then, which the planner would ask the same index for: without a trigram that is all of it.
 */
function having(lowerText: Prisma.Sql, part: string): Where {
  if (hasTrigram(part) || !hasPairs(part)) return sql`${lowerText} like lower(${`%${literal(part)}%`}::text)`
  return allOf([
    sql`strpos(${lowerText}, lower(${part}::text)) > 0`,
    sql`${pairs} @@ lower(${pairsQuery(part)}::text)::tsquery`,
  ])
}

function beginningWith(lowerText: Prisma.Sql, part: string): Where {
  return sql`${lowerText} like lower(${`${literal(part)}%`}::text)`
}

function hasTrigram(part: string): boolean {
  return /[\p{L}\p{N}]{3}/u.test(part)
}

/** U+001F cuts pairs off in contact_pairs; of İ some servers make two characters in lower case. */
function hasPairs(part: string): boolean {
  return part !== '' && !part.includes('\u001f') && !part.includes('\u0130')
}

/** All pairs of the part; of a single character, those that it begins. Quotes and backslashes are doubled in a tsquery. */
function pairsQuery(part: string): string {
  const quoted = [...part].map((character) => character.replace(/['\\]/, '$&$&'))
  if (quoted.length === 1) return `'${quoted[0]}':*`
  const found = quoted.slice(1).map((second, nth) => `'${quoted[nth]}${second}'`)
  return [...new Set(found)].join(' & ')
}

/** E-mails are stored in lower case. The index has them with the names behind them. */
function emailWhere({ eq, in: values, contains, startsWith, isNull }: StringFilterInput): Where {
  const filter = {
    eq: eq?.toLowerCase(),
    in: values?.map((value) => value.toLowerCase()),
    contains,
    startsWith,
    isNull,
  }
  const exact = textWhere(sql`email`, filter)
  if (contains != null) return allOf([having(lowerPerson, contains), exact])
  return startsWith != null ? allOf([beginningWith(lowerPerson, startsWith), exact]) : exact
}

/** First name, last name, or both with a space. */
function nameWhere(filter: StringFilterInput): Where {
  const { eq, in: values, contains, startsWith, isNull } = filter
  if (isNull != null) return sql`(coalesce(first_name, last_name) is null) = ${isNull}::boolean`
  if (eq != null) return nameIs(eq)
  if (values != null) return anyOf(values.map(nameIs))
  if (contains != null) return having(lowerName, contains)
  const start = startsWith ?? ''
  const begins = anyOf([beginningWith(lowerName, start), beginningWith(sql`lower(last_name)`, start)])
  return allOf([having(lowerName, start), begins])
}

/** The index finds names that contain it. */
function nameIs(value: string): Where {
  return allOf([having(lowerName, value), sql`${value} in (first_name, last_name, ${name})`])
}

function metadataText(key: string, filter: StringFilterInput): Where {
  const { eq, in: values, isNull } = filter
  if (isNull != null) return sql`(metadata ? ${key}::text) <> ${isNull}::boolean`
  if (eq != null) return metadataIs(key, eq)
  if (values != null) return anyOf(values.map((value) => metadataIs(key, value)))
  return textWhere(sql`(metadata ->> ${key}::text)`, filter)
}

/** Numbers and booleans are met by how they are written. */
function metadataWhere({ key, eq, exists }: MetadataFilterInput): Where {
  const isThere = sql`(metadata ? ${key}::text)`
  const written = eq == null ? [] : [eq, ...parsePrimitive(eq)]
  return allOf([
    ...(exists == null && eq != null ? [] : [sql`${isThere} = ${exists ?? true}::boolean`]),
    ...(eq == null ? [] : [anyOf(written.map((value) => metadataIs(key, value)))]),
  ])
}

function metadataIs(key: string, value: string | number | boolean): Where {
  return sql`metadata @> ${JSON.stringify({ [key]: value })}::jsonb`
}

function parsePrimitive(text: string): (number | boolean)[] {
  if (text === 'true' || text === 'false') return [text === 'true']
  return /^-?\d{1,15}(?:\.\d{1,6})?$/.test(text) ? [Number(text)] : []
}

export function timeWhere(column: Prisma.Sql, { gte, lt }: DateTimeFilterInput): Where {
  return allOf([
    ...(gte ? [sql`${column} >= ${gte}::timestamptz`] : []),
    ...(lt ? [sql`${column} < ${lt}::timestamptz`] : []),
  ])
}
