/** JSON value of `metadata` that callers may send. */
export type MetadataValue = string | number | boolean
export type Metadata = Readonly<Record<string, MetadataValue>>

/** Origin of a person: the shape of `Attribution`, as it is stored. */
export interface Touch {
  readonly source: string | null
  readonly medium: string | null
  readonly campaign: string | null
  readonly term: string | null
  readonly content: string | null
  readonly clickIds: Readonly<Record<string, string>>
  readonly referrer: string | null
  readonly landingPage: string | null
  /** RFC 3339. */
  readonly capturedAt: string
}

export interface Contact {
  readonly workspaceId: string
  readonly id: string
  /** Identity of the contact: trimmed, its domain in ASCII, lower-case. */
  readonly email: string
  readonly firstName: string | null
  readonly lastName: string | null
  readonly stage: string
  readonly source: string | null
  readonly metadata: Metadata
  readonly firstTouch: Touch | null
  readonly lastTouch: Touch | null
  /** Fields that a trusted caller wrote last, named as in changes. */
  readonly trustedFields: readonly string[]
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly lastSeenAt: Date
  readonly version: number
}

/** Returns the `data` of a webhook body about a contact; its names are those of the API. */
export function contactData(contact: Contact): Record<string, unknown> {
  return {
    id: contact.id,
    email: contact.email,
    first_name: contact.firstName,
    last_name: contact.lastName,
    stage: contact.stage,
    source: contact.source,
    metadata: contact.metadata,
    created_at: contact.createdAt.toISOString(),
    updated_at: contact.updatedAt.toISOString(),
  }
}
