import { hasScope, type Viewer } from '../workspaces/viewer.ts'

const emailPattern = /[^\s@"'<>(),;:=&?/%]+(?:@|%40)[^\s@"'<>(),;:=&?/%]+/gi

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
  return `${local.slice(0, 1)}***`
}

/** A JSON value with every e-mail in its texts masked, whether written as such or in a URL. */
export function maskEmails(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(emailPattern, maskFound)
  if (Array.isArray(value)) return value.map(maskEmails)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, maskEmails(child)]))
}

function maskFound(found: string): string {
  return maskEmail(found.replace(/%40/, '@'))
}
