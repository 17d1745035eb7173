import type { MetadataValue } from '../../contacts/contact.ts'
import type { SourceKind } from '../../generated/prisma/enums.ts'
import type { Kind } from '../../sources/kinds/kind.ts'
import type { Payload } from '../../sources/payload.ts'

/** Source whose URL a request has called. */
export interface InboundSource {
  readonly workspaceId: string
  readonly id: string
  readonly name: string
  readonly kind: SourceKind
  readonly isEnabled: boolean
  /** Secrets that are valid now; empty when requests are not verified. */
  readonly secrets: readonly string[]
  /** Header that a user has named for the secret or the signature. */
  readonly header: string | null
  readonly mapping: readonly { readonly field: string; readonly paths: readonly string[] }[]
}

/** Kinds of sources by name; a GENERIC source has none. */
export interface Kinds {
  readonly allKinds: readonly Kind[]
  readonly kindOf: (name: SourceKind) => Kind | undefined
}

/** Reads the lead of a payload. It never throws, whatever the payload holds. */
export type ReadLead = (request: {
  readonly payload: Payload
  readonly kind: Kind | undefined
  readonly kinds: readonly Kind[]
  readonly mapping: InboundSource['mapping']
  readonly query: URLSearchParams
  readonly sourceName: string
  /** ISO 3166 code of the country of phone numbers without `+`. */
  readonly defaultCountry: string | undefined
  /** Address that a person has given, in place of one of the payload. */
  readonly emailByHand?: string
}) => LeadReading

export interface LeadReading {
  readonly status: 'accepted' | 'held' | 'ignored'
  /** Why it is held or ignored, such as `needs_mapping`. */
  readonly reasons: readonly string[]
  readonly email: string | undefined
  readonly fields: {
    readonly firstName?: string | undefined
    readonly lastName?: string | undefined
    readonly source?: string | undefined
    readonly metadata: Readonly<Record<string, MetadataValue>>
  }
  readonly recognizedKind: SourceKind | undefined
}
