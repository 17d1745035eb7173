import { toStoredEmail, toStoredEmailPart } from '../../../contacts/email.ts'
import { mayHoldEmail } from '../../../contacts/masking.ts'
import { Prisma } from '../../../generated/prisma/client.ts'
import { trimInvisible } from '../../../platform/text/visible-text.ts'
import { type DateTimeFilterInput, literal, type StringFilterInput } from '../shared/filters.ts'
import type { ContactFilterInput, MetadataFilterInput } from './contact-filter.ts'

/** What is true of a contact, in SQL, over the columns of its table; what is unknown counts as false. */
export type Where = Prisma.Sql

const { sql, join } = Prisma

const everything = sql`true`
const nothing = sql`false`
const name = sql`btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))`
/** The expressions of contact_search_idx: the names, the e-mail with the names, and the pairs of characters of it all. */
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
/** As keys without PII_READ see them: people write e-mails into names, too. */
const shownNames: Names = {
  first: sql`contact_fold(contact_masked(first_name))`,
  last: sql`contact_fold(contact_masked(last_name))`,
  full: sql`contact_fold(btrim(coalesce(contact_masked(first_name), '') || ' ' || coalesce(contact_masked(last_name), '')))`,
}

/**
 * Uses contact_search_idx for what that index has (docs/decisions/0011). Without `seesEmails` a text is found only by what
 * is shown of it (docs/decisions/0020).
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
    ...(source ? [asShown(sql`source`, source, seesEmails)] : []),
    ...(utmSource ? [metadataText('utm_source', utmSource, seesEmails)] : []),
    ...(utmCampaign ? [metadataText('utm_campaign', utmCampaign, seesEmails)] : []),
    ...(metadata ?? []).map((each) => metadataWhere(each, seesEmails)),
    ...(createdAt ? [timeWhere(sql`created_at`, createdAt)] : []),
    ...(lastSeenAt ? [timeWhere(sql`last_seen_at`, lastSeenAt)] : []),
  ])
}

/** Every word is in the e-mail or a name; only the names for who may not read e-mails. */
export function whereOfSearch(search: string, seesEmails: boolean): Where {
  const words = search.split(/\s+/).filter((word) => word !== '')
  if (seesEmails) return allOf(words.map(personHas))
  return allOf(words.flatMap((word) => [having(foldedName, word), having(shownNames.full, word)]))
}

/** A domain is stored in ASCII: `bücher.example` is looked for as it is stored, and as it is written. */
function personHas(word: string): Where {
  const stored = toStoredEmailPart(word)
  const asWritten = having(foldedPerson, word)
  return stored === word.toLowerCase() ? asWritten : anyOf([asWritten, having(foldedPerson, stored)])
}

export function allOf(parts: readonly Where[]): Where {
  return parts.length === 0 ? everything : sql`(${join([...parts], ' and ')})`
}

function anyOf(parts: readonly Where[]): Where {
  return parts.length === 0 ? nothing : sql`(${join([...parts], ' or ')})`
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
  return sql`${text} ilike ${`%${literal(part)}%`}`
}

function startingWith(text: Prisma.Sql, part: string): Where {
  return sql`${text} ilike ${`${literal(part)}%`}`
}

/**
 * Both sides are compared folded (`contact_fold`): NFKC, without accents, case and invisible characters. A part without a
 * trigram is found by its pairs; no LIKE then, since the planner would read all of the index for it.
 */
function having(foldedText: Prisma.Sql, part: string): Where {
  if (isBlank(part)) return everything
  if (hasTrigram(part) || !hasPairs(part)) return sql`${foldedText} like '%' || contact_literal(${part}::text) || '%'`
  return allOf([
    sql`strpos(${foldedText}, contact_fold(${part}::text)) > 0`,
    sql`${pairs} @@ contact_pairs_query(${part}::text)`,
  ])
}

function beginningWith(foldedText: Prisma.Sql, part: string): Where {
  return sql`${foldedText} like contact_literal(${part}::text) || '%'`
}

/** Nothing is left of it when it is folded. */
function isBlank(part: string): boolean {
  return trimInvisible(part.replace(/\p{M}/gu, '')) === ''
}

/** Only a forecast, which chooses the faster of two conditions: the database folds more. */
function hasTrigram(part: string): boolean {
  return /[\p{L}\p{N}]{3}/u.test(part.normalize('NFKC'))
}

/** U+001F cuts pairs off in contact_pairs. */
function hasPairs(part: string): boolean {
  return !part.includes('\u001f')
}

/** Compares with e-mails as they are stored. The index has them with the names behind them. */
function emailWhere({ eq, in: values, contains, startsWith, isNull }: StringFilterInput): Where {
  const filter = {
    eq: eq == null ? eq : toStoredEmail(eq),
    in: values?.map(toStoredEmail),
    contains: contains == null ? contains : toStoredEmailPart(contains),
    startsWith: startsWith == null ? startsWith : toStoredEmailPart(startsWith),
    isNull,
  }
  const exact = textWhere(sql`email`, filter)
  if (filter.contains != null) return allOf([having(foldedPerson, filter.contains), exact])
  return filter.startsWith != null ? allOf([beginningWith(foldedPerson, filter.startsWith), exact]) : exact
}

/** Compares with the first name, the last name, or both with a space. */
function nameWhere(filter: StringFilterInput, seesEmails: boolean): Where {
  if (filter.isNull != null) return sql`(coalesce(first_name, last_name) is null) = ${filter.isNull}::boolean`
  const found = namesMatch(storedNames, filter)
  return seesEmails ? found : allOf([found, namesMatch(shownNames, filter)])
}

function namesMatch(names: Names, { eq, in: values, contains, startsWith }: StringFilterInput): Where {
  if (eq != null) return namesAre(names, eq)
  if (values != null) return anyOf(values.map((value) => namesAre(names, value)))
  if (contains != null) return having(names.full, contains)
  const start = startsWith ?? ''
  return allOf([having(names.full, start), anyOf([beginningWith(names.full, start), beginningWith(names.last, start)])])
}

/** The index finds names that contain it. */
function namesAre({ first, last, full }: Names, value: string): Where {
  return allOf([having(full, value), sql`contact_fold(${value}::text) in (${join([first, last, full])})`])
}

/** Compares a text, and without `seesEmails` what is shown of it as well. */
export function asShown(column: Prisma.Sql, filter: StringFilterInput, seesEmails: boolean): Where {
  const found = textWhere(column, filter)
  return seesEmails ? found : allOf([found, textWhere(sql`contact_masked(${column})`, filter)])
}

function metadataText(key: string, filter: StringFilterInput, seesEmails: boolean): Where {
  const { eq, in: values, isNull } = filter
  const text = sql`(metadata ->> ${key}::text)`
  if (isNull != null) return sql`(metadata ? ${key}::text) <> ${isNull}::boolean`
  if (eq == null && values == null) return asShown(text, filter, seesEmails)
  return anyOf(
    (values ?? [eq ?? '']).filter((value) => seesEmails || !mayHoldEmail(value)).map((value) => metadataIs(key, value)),
  )
}

/** Numbers and booleans are met by how they are written. */
function metadataWhere({ key, eq, exists }: MetadataFilterInput, seesEmails: boolean): Where {
  if (eq != null && !seesEmails && mayHoldEmail(eq)) return nothing
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
