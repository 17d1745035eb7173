import { unsearched } from '../../contacts/erasure-participants.ts'
import { normaliseEmail } from '../../platform/text/email.ts'
import type { JsonObject, JsonValue } from '../../sources/payload.ts'
import { decodeEscapes, hasEscapedAt, textsAroundEscapes } from './escaped-text.ts'

/** Addresses of one payload: what is left of a list of leads has some for each of its 500 items. */
const maxEmails = 2500
/** Addresses that have more than one reading. */
const maxReadings = 500
/** Signs that are looked at, whether an address is around them or not. */
const maxSigns = 20_000
/** Characters around signs that are escapes. */
const maxEscaped = 64 * 1024
const [maxLocal, maxDomain] = [64, 253]
/** ASCII characters of a local part, by code: anything else ends it, such as the text before it in another script. */
const isLocalCode = codesOf(/[^\s"(),:;<>@[\\\]\p{Cc}]/u)
const isDomainCode = codesOf(/[A-Za-z0-9.-]/)
/** Most addresses: they have one reading, which is the stored form already. */
const plainAddress = /^(?!.*\.\.)[a-z0-9][a-z0-9._+-]{0,62}@(?:[a-z0-9]{1,63}\.)+[a-z]{2,63}$/
/** Length up to which an address counts as one. */
const ordinaryLength = 64
/** Place at which a domain may have taken in the next sentence: `example.com.Thanks`. */
const sentenceStart = /[a-z][.-][A-Z]/
/** Characters of the shortest domain with its @: `@b.c`. */
const minDomain = 4
const domainCharacter = /[\p{L}\p{M}\p{N}]/u

/**
 * Returns every e-mail address in a payload, in the stored form of a contact's e-mail, so that an erasure finds it:
 * in keys and texts at any depth, also when they are part of a longer text, a URL or JSON inside a text. A payload with
 * more than the limits gets the mark `unsearched` beside them, by which every erasure finds it.
 */
export function findEmails(payload: JsonValue): string[] {
  const found: Found = {
    emails: new Set(),
    seen: new Set(),
    signs: maxSigns,
    readings: maxReadings,
    escaped: maxEscaped,
    isCut: false,
  }
  const values: JsonValue[] = [payload]
  // The array grows meanwhile: what stands near the top of a payload is read first.
  for (const value of values) {
    if (found.isCut) break
    if (typeof value === 'string') addEmails(value, found)
    else if (typeof value === 'object' && value !== null) addChildren(value, values)
  }
  return found.isCut ? [...found.emails, unsearched] : [...found.emails]
}

interface Found {
  readonly emails: Set<string>
  /** Addresses with the character before them: reading them is the slow part, and payloads repeat them. */
  readonly seen: Set<string>
  /** Signs, addresses of more than one reading, and characters around escaped signs, that are still read. */
  signs: number
  readings: number
  escaped: number
  /** Whether a limit was reached, so that the payload may hold further addresses. */
  isCut: boolean
}

function addChildren(value: JsonObject | readonly JsonValue[], values: JsonValue[]): void {
  for (const [key, child] of Object.entries(value)) values.push(key, child)
}

function addEmails(text: string, found: Found): void {
  if (text.includes('@')) scan(text, found)
  for (const part of textsAroundEscapes(text, found.escaped)) {
    const decoded = decodeEscapes(part.slice(0, found.escaped))
    scan(decoded.text, found)
    found.isCut ||= part.length > found.escaped || hasEscapedAt(decoded.text)
    if (found.isCut) break
    found.escaped = Math.max(0, found.escaped - decoded.work)
  }
}

function scan(text: string, found: Found): void {
  for (let at = text.indexOf('@'); at >= 0 && !found.isCut; at = text.indexOf('@', at + 1)) {
    if (found.signs-- > 0) addAround(text, at, found)
    else found.isCut = true
  }
}

/** Reads to both sides of an @, as far as an address may reach: the time is linear in the text. */
function addAround(text: string, at: number, found: Found): void {
  const start = startOfLocal(text, at)
  const end = start === at ? at : endOfDomain(text, at)
  if (end - at < minDomain) return
  const [before, whole] = [text.charAt(start - 1), text.slice(start, end)]
  const isEscape = before === '\\'
  if (found.emails.has(whole) && !isEscape) return
  const around = before + whole
  if (found.seen.has(around) || !text.slice(at, end).includes('.')) return
  found.isCut = found.emails.size >= maxEmails
  if (found.isCut) return
  const plain = isEscape ? undefined : plainOf(whole)
  if (plain !== undefined) found.emails.add(plain)
  else addReadings({ around, before, local: text.slice(start, at), domain: text.slice(at + 1, end) }, found)
}

/** Returns an address of one reading. Capitals change nothing about it unless they may begin a sentence. */
function plainOf(whole: string): string | undefined {
  if (plainAddress.test(whole)) return whole
  if (!/[A-Z]/.test(whole) || sentenceStart.test(whole)) return undefined
  const lower = whole.toLowerCase()
  return plainAddress.test(lower) ? lower : undefined
}

function startOfLocal(text: string, at: number): number {
  let start = at
  while (start > 0 && at - start < maxLocal && isLocalCode[text.charCodeAt(start - 1)]) start--
  return start
}

function endOfDomain(text: string, at: number): number {
  let end = at + 1
  while (end < text.length && end - at <= maxDomain && isInDomain(text, end)) end++
  return end
}

function isInDomain(text: string, index: number): boolean {
  const code = text.charCodeAt(index)
  return code < 0x80 ? isDomainCode[code] === true : domainCharacter.test(text.charAt(index))
}

/** Address as it stands in a text, with the character before it. */
interface Written {
  readonly around: string
  readonly local: string
  readonly before: string
  readonly domain: string
}

function addReadings({ around, local, before, domain }: Written, found: Found): void {
  found.isCut = found.readings <= 0
  if (found.isCut) return
  // A long address takes as long as several.
  found.readings -= 1 + Math.floor(around.length / ordinaryLength)
  found.seen.add(around)
  for (const part of new Set(localParts(local, before)))
    for (const each of new Set(domains(domain))) {
      const email = normaliseEmail(`${part}@${each}`)
      if (email !== undefined) found.emails.add(email)
    }
}

/**
 * A local part may have taken in what stands before it: the rest of an escape in JSON (`\\n`, `\\u003c`) or a URL, a key
 * (`email=`), a path, dots or a quotation mark. All readings are kept, since all are valid addresses.
 */
function localParts(local: string, before: string): string[] {
  const parts = [local, local.replace(/^[-'.+_]+/, '')]
  if (before === '\\') parts.push(local.replace(/^(?:u[0-9a-f]{4}|[nrtbf])/i, ''))
  const mark = /^.*(?:[=&/?{}|*`#!$^~]|%[0-9a-f]{2}|\.\.)/i.exec(local)
  if (mark !== null) parts.push(local.slice(mark[0].length))
  return parts
}

/**
 * A domain may have taken in what stands after it: the next sentence (`example.com.Thanks`), dots, or text in a script
 * that puts no space between words. All readings are kept.
 */
function domains(text: string): string[] {
  const [whole = ''] = text.split('..', 1)
  const readings = [whole, whole.replace(/[^ -~].*$/s, ''), whole.replace(/(?<=[a-z])[.-](?=[A-Z]).*$/s, '')]
  return readings.map((reading) => reading.replace(/^[.-]+|[.-]+$/g, ''))
}

function codesOf(pattern: RegExp): readonly boolean[] {
  return Array.from({ length: 0x80 }, (_, code) => pattern.test(String.fromCharCode(code)))
}
