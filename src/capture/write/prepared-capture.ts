import type { Span } from '@opentelemetry/api'
import type { Contact } from '../../contacts/contact.ts'
import type { ContactFields } from '../../contacts/merge.ts'
import type { CaptureOutcome, MergePolicy, SourceKind } from '../../generated/prisma/enums.ts'
import type { CallerClass } from '../caller-class.ts'
import type { Proof } from '../screen/proof-of-work.ts'

/** Result of screening, before the capture is written. */
export type Screening = Verdict & {
  /** Proof of work that is spent with it. */
  readonly proof?: Proof
}

type Verdict =
  | { readonly status: 'ACCEPTED' }
  | { readonly status: 'HELD' | 'SPAM' | 'IGNORED'; readonly reasons: readonly SpamReason[] }

/** Signs of spam. */
export type SpamReason =
  | 'honeypot'
  | 'form_too_fast'
  | 'form_token_expired'
  | 'form_token_invalid'
  | 'proof_missing'
  | 'proof_expired'
  | 'proof_invalid'
  | 'proof_reused'
  | 'disposable_domain'
  | 'too_many_links'
  | 'script_tag'
  | 'over_budget'
  | 'over_storage'

/** Parsed and screened capture, ready to be written. */
export interface PreparedCapture {
  readonly workspaceId: string
  readonly mergePolicy: MergePolicy
  readonly submissionId: string
  readonly caller: CallerClass
  /** Null for a payload of a source in which no e-mail was found; it is never accepted. */
  readonly email: string | null
  readonly fields: ContactFields
  readonly screening: Screening
  /** Posted fields, within the limits. */
  readonly posted: Readonly<Record<string, unknown>>
  /** Keys of its metadata, where the posted fields have more; a release reads the fields with these. */
  readonly keptKeys?: readonly string[] | undefined
  /** Bytes of its body. */
  readonly byteLength: number
  readonly origin: string | null
  readonly userAgent: string | null
  /** Both are hashes: a key may contain an e-mail. */
  readonly idempotency: { readonly key: string; readonly bodyHash: string } | null
  /** Null for a capture that came through no source. */
  readonly inbound: InboundCapture | null
  /** Whether its caller may read contacts; the response to a replay depends on it. */
  readonly readsContacts: boolean
  /**
   * Whether its receipt has the id of the submission instead of the contact: for anonymous callers of a workspace with
   * private receipts.
   */
  readonly isPrivate: boolean
  /** Whether no webhook is notified of it, as an import may ask for; live subscribers always are. */
  readonly isSilent?: boolean
  /** Span of its commit; undefined while tracing is off. */
  readonly span?: Span | undefined
}

/** Capture whose contact is written. */
export type AcceptedCapture = PreparedCapture & { readonly email: string }

export function isAccepted(record: PreparedCapture): record is AcceptedCapture {
  return record.screening.status === 'ACCEPTED' && record.email !== null
}

/** Part of a capture that came through a source. */
export interface InboundCapture {
  readonly sourceId: string
  readonly kind: SourceKind
  /** Payload as JSON, without secrets; null when it is not stored, since the workspace is over its storage. */
  readonly raw: string | null
  /** Every e-mail address in the payload. */
  readonly rawEmails: readonly string[]
  /** Why the source held or ignored it. */
  readonly reasons: readonly string[]
  /** Key that a repeated request has as well, and how long the first answer is kept for it. */
  readonly repeat: { readonly key: string; readonly seconds: number }
}

/** Answer to a request of a source. */
export interface SourceAnswer {
  readonly status: 'accepted' | 'held' | 'ignored'
  /** Id of the submission. */
  readonly id: string
}

/** Result of a capture. `contact` is the committed one; a HELD or SPAM capture has one that is not stored. */
export interface CaptureResult {
  readonly submissionId: string
  readonly contact: Contact
  readonly outcome: CaptureOutcome | null
  /** Status with which it was stored; null for a request that was captured before. */
  readonly status: Screening['status'] | null
  /** Whether the first response to this key showed the stored contact; otherwise it was a receipt. */
  readonly showedContact: boolean
  /** Whether the first receipt had the id of the submission instead of the contact. */
  readonly isPrivate: boolean
  /** Time at which the submission was stored. */
  readonly receivedAt: Date
  /** Answer to the source, which may be that of an earlier request; null for a capture that came through none. */
  readonly sourceAnswer: SourceAnswer | null
}
