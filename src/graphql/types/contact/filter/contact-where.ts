import { mayHoldEmail } from '../../../../contacts/masking.ts'
import { Prisma } from '../../../../generated/prisma/client.ts'
import { toStoredEmail, toStoredEmailPart } from '../../../../platform/text/email.ts'
import { trimInvisible } from '../../../../platform/text/visible-text.ts'
import { type DateTimeFilterInput, escapeLike, type StringFilterInput } from '../../shared/filters.ts'
import type { ContactFilterInput, MetadataFilterInput } from './contact-filter.ts'

/** SQL condition on the columns of a contact; unknown counts as false. */
export type Where = Prisma.Sql

const { sql, join } = Prisma

const always = sql`true`
const never = sql`false`
const name = sql`btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))`
/** Expressions of contact_search_idx: the names, the e-mail with the names, and the character pairs of both. */
const foldedName = sql`contact_fold(${name})`
const foldedPerson = sql`contact_fold(email || ' ' || ${name})`
const pairs = sql`contact_pairs(${foldedPerson})`

/** The names of a contact, folded. */
interface Names {
  readonly first: Prisma.Sql
  readonly last: Prisma.Sql
  /** Both, with a space. */
  readonly full: Prisma.Sql
}

const storedNames: Names = {
  first: sql`contact_fold(first_name)`,
  last: sql`contact_fold(last_name)`,
  full: foldedName,
}
/** Names as keys without PII_READ see them: masked, because people also write e-mails into names. */
const maskedNames: Names = {
  first: sql`contact_fold(contact_masked(first_name))`,
  last: sql`contact_fold(contact_masked(last_name))`,
  full: sql`contact_fold(btrim(coalesce(contact_masked(first_name), '') || ' ' || coalesce(contact_masked(last_name), '')))`,
}

/**
 * Returns the condition of a filter, which uses contact_search_idx where possible (docs/decisions/0011). Without
 * `seesEmails` only the visible part of a text can match (docs/decisions/0020).
 */
export function whereOfFilter(filter: ContactFilterInput, seesEmails: boolean): Where {
  const { and, or, not, stage, source, utmSource, utmCampaign, metadata, createdAt, lastSeenAt } = filter
  return allOf([
    ...(and ?? []).map((each) => whereOfFilter(each, seesEmails)),
    ...(or ? [anyOf(or.map((each) => whereOfFilter(each, seesEmails)))] : []),
    ...(not ? [sql`(${whereOfFilter(not, seesEmails)}) is not true`] : []),
    ...(filter.email ? [emailWhere(filter.email)] : []),
    ...(filter.name ? [nameWhere(filter.name, seesEmails)] : []),
    ...(stage ? [textWhere(sql`stage`, stage)] : []),
    ...(source ? [textWhereVisible(sql`source`, source, seesEmails)] : []),
    ...(utmSource ? [metadataText('utm_source', utmSource, seesEmails)] : []),
    ...(utmCampaign ? [metadataText('utm_campaign', utmCampaign, seesEmails)] : []),
    ...(metadata ?? []).map((each) => metadataWhere(each, seesEmails)),
    ...(createdAt ? [timeWhere(sql`created_at`, createdAt)] : []),
    ...(lastSeenAt ? [timeWhere(sql`last_seen_at`, lastSeenAt)] : []),
  ])
}

/** Returns the condition that every word is in the e-mail or a name; only in the names without `seesEmails`. */
export function whereOfSearch(search: string, seesEmails: boolean): Where {
  const words = search.split(/\s+/).filter((word) => word !== '')
  if (seesEmails) return allOf(words.map(personContains))
  return allOf(words.flatMap((word) => [containsFolded(foldedName, word), containsFolded(maskedNames.full, word)]))
}

/** Matches both spellings of a domain: it is stored in ASCII, but people write `bücher.example`. */
function personContains(word: string): Where {
  const stored = toStoredEmailPart(word)
  const asWritten = containsFolded(foldedPerson, word)
  return stored === word.toLowerCase() ? asWritten : anyOf([asWritten, containsFolded(foldedPerson, stored)])
}

export function allOf(parts: readonly Where[]): Where {
  return parts.length === 0 ? always : sql`(${join([...parts], ' and ')})`
}

function anyOf(parts: readonly Where[]): Where {
  return parts.length === 0 ? never : sql`(${join([...parts], ' or ')})`
}

function textWhere(column: Prisma.Sql, { eq, in: values, contains, startsWith, isNull }: StringFilterInput): Where {
  if (isNull != null) return isNullWhere(column, isNull)
  if (eq != null) return sql`${column} = ${eq}`
  if (values != null) return sql`${column} = any (${[...values]}::text[])`
  return contains != null ? containing(column, contains) : startingWith(column, startsWith ?? '')
}

function isNullWhere(column: Prisma.Sql, isNull: boolean): Where {
  return isNull ? sql`${column} is null` : sql`${column} is not null`
}

function containing(text: Prisma.Sql, part: string): Where {
  return sql`${text} ilike ${`%${escapeLike(part)}%`}`
}

function startingWith(text: Prisma.Sql, part: string): Where {
  return sql`${text} ilike ${`${escapeLike(part)}%`}`
}

/**
 * Matches folded texts (`contact_fold`): NFKC, without accents, case and invisible characters. A part without a trigram is
 * found by its character pairs; without LIKE, because the planner would read the whole index for it.
 */
function containsFolded(foldedText: Prisma.Sql, part: string): Where {
  if (isBlank(part)) return always
  if (hasTrigram(part) || !hasPairs(part)) return sql`${foldedText} like '%' || contact_literal(${part}::text) || '%'`
  return allOf([
    sql`strpos(${foldedText}, contact_fold(${part}::text)) > 0`,
    sql`${pairs} @@ contact_pairs_query(${part}::text)`,
  ])
}

function startsWithFolded(foldedText: Prisma.Sql, part: string): Where {
  return sql`${foldedText} like contact_literal(${part}::text) || '%'`
}

/** Whether the folded text is empty. */
function isBlank(part: string): boolean {
  return trimInvisible(part.replace(/\p{M}/gu, '')) === ''
}

/** Estimates whether the part has a trigram, to choose the faster of two conditions: the database folds more. */
function hasTrigram(part: string): boolean {
  return /[\p{L}\p{N}]{3}/u.test(part.normalize('NFKC'))
}

/** Whether contact_pairs can split the part into pairs: it stops at U+001F. */
function hasPairs(part: string): boolean {
  return !part.includes('\u001f')
}

/** Compares with e-mails in their stored form. In the index the names follow the e-mail. */
function emailWhere({ eq, in: values, contains, startsWith, isNull }: StringFilterInput): Where {
  const filter = {
    eq: eq == null ? eq : toStoredEmail(eq),
    in: values?.map(toStoredEmail),
    contains: contains == null ? contains : toStoredEmailPart(contains),
    startsWith: startsWith == null ? startsWith : toStoredEmailPart(startsWith),
    isNull,
  }
  const exact = textWhere(sql`email`, filter)
  if (filter.contains != null) return allOf([containsFolded(foldedPerson, filter.contains), exact])
  return filter.startsWith != null ? allOf([startsWithFolded(foldedPerson, filter.startsWith), exact]) : exact
}

/** Compares with the first name, the last name, or both with a space. */
function nameWhere(filter: StringFilterInput, seesEmails: boolean): Where {
  if (filter.isNull != null) return sql`(coalesce(first_name, last_name) is null) = ${filter.isNull}::boolean`
  const found = namesMatch(storedNames, filter)
  return seesEmails ? found : allOf([found, namesMatch(maskedNames, filter)])
}

function namesMatch(names: Names, { eq, in: values, contains, startsWith }: StringFilterInput): Where {
  if (eq != null) return namesEqual(names, eq)
  if (values != null) return anyOf(values.map((value) => namesEqual(names, value)))
  if (contains != null) return containsFolded(names.full, contains)
  const start = startsWith ?? ''
  return allOf([
    containsFolded(names.full, start),
    anyOf([startsWithFolded(names.full, start), startsWithFolded(names.last, start)]),
  ])
}

/** Compares whole names; the index finds the names that contain the value. */
function namesEqual({ first, last, full }: Names, value: string): Where {
  return allOf([containsFolded(full, value), sql`contact_fold(${value}::text) in (${join([first, last, full])})`])
}

/** Compares a text; without `seesEmails` its masked form must match too. */
export function textWhereVisible(column: Prisma.Sql, filter: StringFilterInput, seesEmails: boolean): Where {
  const found = textWhere(column, filter)
  return seesEmails ? found : allOf([found, textWhere(sql`contact_masked(${column})`, filter)])
}

function metadataText(key: string, filter: StringFilterInput, seesEmails: boolean): Where {
  const { eq, in: values, isNull } = filter
  const text = sql`(metadata ->> ${key}::text)`
  if (isNull != null) return sql`(metadata ? ${key}::text) <> ${isNull}::boolean`
  if (eq == null && values == null) return textWhereVisible(text, filter, seesEmails)
  return anyOf(
    (values ?? [eq ?? '']).filter((value) => seesEmails || !mayHoldEmail(value)).map((value) => metadataIs(key, value)),
  )
}

/** Matches a metadata value; numbers and booleans match their text form. */
function metadataWhere({ key, eq, exists }: MetadataFilterInput, seesEmails: boolean): Where {
  if (eq != null && !seesEmails && mayHoldEmail(eq)) return never
  const isThere = sql`(metadata ? ${key}::text)`
  const spellings = eq == null ? [] : [eq, ...parsePrimitive(eq)]
  return allOf([
    ...(exists == null && eq != null ? [] : [sql`${isThere} = ${exists ?? true}::boolean`]),
    ...(eq == null ? [] : [anyOf(spellings.map((value) => metadataIs(key, value)))]),
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
