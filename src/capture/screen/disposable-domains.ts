import { disposableEmailBlocklistSet } from 'disposable-email-domains-js'

const domains = disposableEmailBlocklistSet()

/** Returns whether this domain, or a parent of it, offers disposable mailboxes. Expects ASCII in lower case. */
export function isDisposable(domain: string): boolean {
  const labels = domain.split('.')
  return labels.some((_, index) => domains.has(labels.slice(index).join('.')))
}
