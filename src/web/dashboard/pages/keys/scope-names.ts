import type { Scope } from '../../../../generated/graphql/graphql.ts'

/** Scopes with what they allow, the narrowest first. */
export const scopeNames: readonly { readonly scope: Scope; readonly about: string }[] = [
  { scope: 'CAPTURE', about: 'send leads without limits by address and without screening' },
  { scope: 'CONTACTS_READ', about: 'read leads, with masked e-mails' },
  { scope: 'CONTACTS_WRITE', about: 'edit and import leads, release what is held' },
  { scope: 'PII_READ', about: 'see e-mails and what was posted in full' },
  { scope: 'EVENTS_READ', about: 'read and follow events' },
  { scope: 'SOURCES_READ', about: 'see sources and their URLs' },
  { scope: 'SOURCES_WRITE', about: 'create and change sources' },
  { scope: 'WEBHOOKS_READ', about: 'see webhooks and their deliveries' },
  { scope: 'WEBHOOKS_WRITE', about: 'create and change webhooks (with PII_READ)' },
  { scope: 'PRIVACY_ERASE', about: 'erase leads' },
  { scope: 'ADMIN', about: 'everything, also keys and settings' },
]
