import { normaliseEmail } from '../../platform/text/email.ts'
import type { JsonObject, JsonValue } from '../../sources/payload.ts'

/** Addresses of one payload; a lead has a few of them. */
const maxEmails = 1000
const [maxLocal, maxDomain] = [64, 253]
const localCharacter = /[^\s"(),:;<>@[\\\]\p{Cc}]/u
const domainCharacter = /[\p{L}\p{M}\p{N}.-]/u

/**
 * Returns every e-mail address in a payload, in the stored form of a contact's e-mail, so that an erasure finds it:
 * in keys and texts at any depth, also when they are part of a longer text, a URL or JSON inside a text.
 */
export function findEmails(payload: JsonValue): string[] {
  const emails = new Set<string>()
  const found: JsonValue[] = [payload]
  // The array grows meanwhile: what stands near the top of a payload is read first.
  for (const value of found) {
    if (emails.size >= maxEmails) break
    if (typeof value === 'string') addEmails(value, emails)
    else if (typeof value === 'object' && value !== null) addChildren(value, found)
  }
  return [...emails]
}

function addChildren(value: JsonObject | readonly JsonValue[], found: JsonValue[]): void {
  for (const [key, child] of Object.entries(value)) found.push(key, child)
}

function addEmails(text: string, emails: Set<string>): void {
  if (text.includes('@')) scan(text, emails)
  if (/%40/i.test(text))
    scan(
      text
        .replace(/%40/gi, '@')
        .replace(/%2b/gi, '+')
        .replace(/%[0-9a-f]{2}/gi, ' '),
      emails,
    )
}

/** Reads to both sides of each @, as far as an address may reach: the time is linear in the text. */
function scan(text: string, emails: Set<string>): void {
  for (let at = text.indexOf('@'); at >= 0 && emails.size < maxEmails; at = text.indexOf('@', at + 1)) {
    let start = at
    while (start > 0 && at - start < maxLocal && localCharacter.test(text.charAt(start - 1))) start--
    let end = at + 1
    while (end < text.length && end - at <= maxDomain && domainCharacter.test(text.charAt(end))) end++
    const local = text.slice(start, at)
    const domain = text.slice(at + 1, end).replace(/^[.-]+|[.-]+$/g, '')
    for (const candidate of localParts(local, text.charAt(start - 1))) {
      const email = normaliseEmail(`${candidate}@${domain}`)
      if (email !== undefined) emails.add(email)
    }
  }
}

/**
 * A local part may have taken in what stands before it: the rest of an escape in JSON (`\\n`, `\\u003c`), a key
 * (`email=`), a path or a quotation mark. Both readings are kept, since both are valid addresses.
 */
function localParts(local: string, before: string): string[] {
  const parts = [local, local.replace(/^'+/, '')]
  if (before === '\\') parts.push(local.replace(/^(?:u[0-9a-f]{4}|[nrtbf])/i, ''))
  const mark = Math.max(...['=', '&', '/', '?', '{', '|', '*', '`'].map((each) => local.lastIndexOf(each)))
  if (mark >= 0) parts.push(local.slice(mark + 1))
  return parts
}
