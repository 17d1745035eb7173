import type { Contact } from '../../contacts/contact.ts'
import type { ContactFields } from '../../contacts/merge.ts'
import type { CaptureOutcome, MergePolicy } from '../../generated/prisma/enums.ts'
import type { CallerClass } from '../caller-class.ts'
import type { Proof } from '../screen/proof-of-work.ts'

/** How a capture was judged before it is written. */
export type Screening = Verdict & {
  /** The proof of work that is spent with it. */
  readonly proof?: Proof
}

type Verdict =
  | { readonly status: 'ACCEPTED' }
  | { readonly status: 'HELD' | 'SPAM'; readonly reasons: readonly SpamReason[] }

/** What may speak against a capture. */
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

/** One capture, parsed and judged: what the writer takes. */
export interface PreparedCapture {
  readonly workspaceId: string
  readonly mergePolicy: MergePolicy
  readonly submissionId: string
  readonly caller: CallerClass
  readonly email: string
  readonly fields: ContactFields
  readonly screening: Screening
  /** As it was posted, within the limits. */
  readonly posted: Readonly<Record<string, unknown>>
  /** Of its body. */
  readonly byteLength: number
  readonly origin: string | null
  readonly userAgent: string | null
  /** Both as hashes: a key may be made of an e-mail. */
  readonly idempotency: { readonly key: string; readonly bodyHash: string } | null
  /** Whether its caller may read contacts: what a replay is answered depends on it. */
  readonly readsContacts: boolean
  /** Whether its receipt names the submission instead of the contact: an anonymous caller of a workspace that wants so. */
  readonly isPrivate: boolean
}

/** What a capture came to. `contact` is how it was committed; for a HELD or SPAM one a contact that is nowhere. */
export interface CaptureResult {
  readonly submissionId: string
  readonly contact: Contact
  readonly outcome: CaptureOutcome | null
  /** Whether the first answer to this key showed the stored contact; a receipt otherwise. */
  readonly showedContact: boolean
  /** Whether the first receipt named the submission instead of the contact. */
  readonly isPrivate: boolean
  /** When the submission was stored. */
  readonly receivedAt: Date
}
