import { domainToASCII } from 'node:url'
import { trimInvisible } from './visible-text.ts'

const localPattern = /^[\x21-\x7e]+$/
const localForbidden = /[\s"(),:;<>@[\\\]]/
const labelPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Returns the identity of one address: trimmed, the domain in ASCII (IDNA), all in lower case; dots and plus tags stay.
 * Returns undefined for an invalid address. Limits: local part printable ASCII of at most 64, domain 253, 254 in all.
 */
export function normaliseEmail(input: string): string | undefined {
  const trimmed = trimInvisible(input)
  const at = trimmed.lastIndexOf('@')
  const local = trimmed.slice(0, at)
  if (at < 1 || local.length > 64 || !isLocalPart(local)) return undefined
  const domain = asciiDomain(trimmed.slice(at + 1))
  if (domain === undefined) return undefined
  const email = `${local}@${domain}`.toLowerCase()
  return email.length <= 254 ? email : undefined
}

/** Returns a searched e-mail in its stored form; a text that is no address is only trimmed and lower-cased. */
export function toStoredEmail(input: string): string {
  return normaliseEmail(input) ?? trimInvisible(input).toLowerCase()
}

/** Returns a part of an e-mail in its stored form: in lower case, and a domain beyond ASCII in ASCII. */
export function toStoredEmailPart(input: string): string {
  const part = trimInvisible(input)
  const start = part.lastIndexOf('@') + 1
  const domain = part.slice(start)
  const ascii = /[^ -~]/.test(domain) ? asciiDomain(domain) : undefined
  return `${part.slice(0, start)}${ascii ?? domain}`.toLowerCase()
}

/** Checks for ASCII before lower-casing: the Kelvin sign would become a k. */
function isLocalPart(local: string): boolean {
  return localPattern.test(local) && !localForbidden.test(local)
}

function asciiDomain(domain: string): string | undefined {
  if (/[\s\p{Cc}/:@?#[\]\\%]/u.test(domain)) return undefined
  const ascii = domainToASCII(domain).toLowerCase()
  const labels = ascii.split('.')
  const isName = ascii.length <= 253 && labels.length >= 2 && labels.every((label) => labelPattern.test(label))
  return isName && !/^\d+$/.test(labels.at(-1) ?? '') ? ascii : undefined
}
