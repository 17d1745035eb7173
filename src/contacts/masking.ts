import { hasScope, type Viewer } from '../workspaces/viewer.ts'

/** Matches a text that is one address: every character of its local part belongs to the address, also punctuation. */
const wholePattern = /^\s*[^\s"(),:;<>@[\\\]?/]{1,64}@[^\s@]+$/

/** Matches an address inside a text or a URL; its `@` and letters may be percent-encoded, also more than once. */
const foundPattern = /(?:[^\s@"<>(),;:=&?/%]|%(?!(?:25)*40)[\da-f]{2})+(?:@|%(?:25)*40)[^\s@"'<>(),;:=&?/%]+/gi

/** Returns whether a text may contain an e-mail that has to be masked, plain or percent-encoded. */
export function mayHoldEmail(text: string): boolean {
  return /@|%(?:25)*40/i.test(text)
}

export function canReadPii(viewer: Viewer): boolean {
  return hasScope(viewer, 'PII_READ')
}

/** Returns `jane@example.com` as `j***@example.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return `${maskLocalPart(email.slice(0, at))}${email.slice(at)}`
}

/** Returns `jane` as `j***`: always three stars, so that the length stays hidden. */
export function maskLocalPart(local: string): string {
  const [first = ''] = local
  return `${first}***`
}

/** Masks every e-mail in the texts of a JSON value, plain or in a URL. */
export function maskEmails(value: unknown): unknown {
  if (typeof value === 'string') return maskText(value)
  if (Array.isArray(value)) return value.map(maskEmails)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [maskText(key), maskEmails(child)]))
}

/** Masks a text for viewers who may not read e-mails: people also write them into names, sources and URLs. */
export function maskedText(text: string, viewer: Viewer): string
export function maskedText(text: string | null, viewer: Viewer): string | null
export function maskedText(text: string | null, viewer: Viewer): string | null {
  return text === null || canReadPii(viewer) ? text : maskText(text)
}

/** Masks the e-mails of a text. The database's `contact_masked` does the same, for filters. */
export function maskText(text: string): string {
  return wholePattern.test(text) ? maskEmail(text.trim()) : text.replace(foundPattern, maskFound)
}

function maskFound(found: string): string {
  return maskEmail(found.replace(/%(?:25)*40/i, '@'))
}
