import { disposableEmailBlocklistSet } from 'disposable-email-domains-js'

const domains = disposableEmailBlocklistSet()

/** Whether mailboxes of this domain, or of one above it, are thrown away after use. It is in ASCII and lower case. */
export function isDisposable(domain: string): boolean {
  const labels = domain.split('.')
  return labels.some((_, index) => domains.has(labels.slice(index).join('.')))
}
