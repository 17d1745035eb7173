import { hasScope, type Viewer } from '../workspaces/viewer.ts'

/** An address that is the whole text: whatever its local part is made of, nothing of it is taken for punctuation. */
const wholePattern = /^\s*[^\s"(),:;<>@[\\\]?/]{1,64}@[^\s@]+$/

/** One in a text or a URL, where its `@` and its letters may be percent-encoded, more than once too. */
const foundPattern = /(?:[^\s@"<>(),;:=&?/%]|%(?!(?:25)*40)[\da-f]{2})+(?:@|%(?:25)*40)[^\s@"'<>(),;:=&?/%]+/gi

/** Returns whether a text holds an e-mail that would be masked, written as such or percent-encoded. */
export function mayHoldEmail(text: string): boolean {
  return /@|%(?:25)*40/i.test(text)
}

export function seesPersons(viewer: Viewer): boolean {
  return hasScope(viewer, 'PII_READ')
}

/** `jane@example.com` as `j***@example.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return `${maskLocalPart(email.slice(0, at))}${email.slice(at)}`
}

/** `jane` as `j***`: as much for one letter as for many. */
export function maskLocalPart(local: string): string {
  const [first = ''] = local
  return `${first}***`
}

/** A JSON value with every e-mail in its texts masked, whether written as such or in a URL. */
export function maskEmails(value: unknown): unknown {
  if (typeof value === 'string') return maskText(value)
  if (Array.isArray(value)) return value.map(maskEmails)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [maskText(key), maskEmails(child)]))
}

/** For whoever may not read e-mails: people write them into names, sources and URLs, too. */
export function maskedText(text: string, viewer: Viewer): string
export function maskedText(text: string | null, viewer: Viewer): string | null
export function maskedText(text: string | null, viewer: Viewer): string | null {
  return text === null || seesPersons(viewer) ? text : maskText(text)
}

/** Masks the e-mails of a text. The database's `contact_masked` does the same, for filters. */
export function maskText(text: string): string {
  return wholePattern.test(text) ? maskEmail(text.trim()) : text.replace(foundPattern, maskFound)
}

function maskFound(found: string): string {
  return maskEmail(found.replace(/%(?:25)*40/i, '@'))
}
