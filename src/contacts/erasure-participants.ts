import type { Queryable, Tx } from '../database/database.ts'

export interface ContactKey {
  readonly workspaceId: string
  readonly contactId: string
}

/** A step of an erasure: how many rows it changed, and the id of the last one, after which the next step begins. */
export interface ErasureStep {
  readonly count: number
  readonly after: string
}

/**
 * What the other halves hold of a contact; each takes it out of its own tables. A step takes a page of rows in a
 * transaction of its own, or nothing where less than a page is left: that is for the transaction of the erasure itself,
 * which begins `after` the last step, and looks a minute further back: a row may be committed long after its id was made.
 */
export interface ErasureParticipants {
  /** Locks the answers to its Idempotency-Keys: captures take them before contacts. */
  lockIdempotencyKeys(tx: Tx, contact: ContactKey, after: string): Promise<void>
  /** The e-mails that it was captured with, as they were posted. */
  postedEmails(database: Queryable, contact: ContactKey, after: string): Promise<string[]>
  /** Redacts its submissions, those of these e-mails that made no contact, and their answers; how many submissions. */
  eraseFromCaptures(
    tx: Tx,
    contact: ContactKey & { readonly emails: readonly string[] },
    after: string,
  ): Promise<number>
  /** A step over the submissions of these e-mails that made no contact; it needs no place to begin after. */
  eraseScreenedStep(
    tx: Tx,
    contact: ContactKey & { readonly emails: readonly string[] },
  ): Promise<ErasureStep | undefined>
  /** A step over its submissions. */
  eraseCapturesStep(tx: Tx, contact: ContactKey, after: string): Promise<ErasureStep | undefined>
  /** Cancels what is open and redacts attempts; answers how many deliveries it cancelled. */
  eraseFromDeliveries(tx: Tx, contact: ContactKey, after: string): Promise<number>
  /** A step over its open deliveries; it needs no place to begin after. */
  cancelDeliveriesStep(tx: Tx, contact: ContactKey): Promise<ErasureStep | undefined>
  /** A step over the attempts of its deliveries, by the ids of the deliveries. */
  eraseAttemptsStep(tx: Tx, contact: ContactKey, after: string): Promise<ErasureStep | undefined>
}
