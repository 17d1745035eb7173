import type { Queryable, Tx } from '../database/database.ts'

/**
 * Mark beside the e-mails of a raw payload that holds more than were searched for. Each erasure in its workspace takes
 * the payload for one of the person.
 */
export const unsearched = '*'

export interface ContactKey {
  readonly workspaceId: string
  readonly contactId: string
}

/** Step of an erasure: the number of changed rows, and the id of the last one, after which the next step begins. */
export interface ErasureStep {
  readonly count: number
  readonly after: string
}

/**
 * Data of a contact in other rooms; each room erases its own tables. A step erases one page of rows in a transaction of
 * its own, or returns undefined when less than a page is left. The transaction of the erasure itself handles the rest:
 * it begins `after` the last step and looks back one minute more, since a row may be committed long after its id was
 * made.
 */
export interface ErasureParticipants {
  /** Locks the Idempotency-Keys of its captures: captures lock them before contacts. */
  lockIdempotencyKeys(tx: Tx, contact: ContactKey, after: string): Promise<void>
  /** Returns the e-mails that it was captured with, as they were posted. */
  postedEmails(database: Queryable, contact: ContactKey, after: string): Promise<string[]>
  /**
   * Redacts its submissions, those of these e-mails that made no contact, and their stored responses; returns the
   * number of submissions.
   */
  eraseFromCaptures(
    tx: Tx,
    contact: ContactKey & { readonly emails: readonly string[] },
    after: string,
  ): Promise<number>
  /** Erases a page of the submissions of these e-mails that made no contact; needs no start position. */
  eraseScreenedStep(
    tx: Tx,
    contact: ContactKey & { readonly emails: readonly string[] },
  ): Promise<ErasureStep | undefined>
  /** Erases a page of its submissions. */
  eraseCapturesStep(tx: Tx, contact: ContactKey, after: string): Promise<ErasureStep | undefined>
  /** Cancels open deliveries and redacts attempts; returns the number of canceled deliveries. */
  eraseFromDeliveries(tx: Tx, contact: ContactKey, after: string): Promise<number>
  /** Cancels a page of its open deliveries; needs no start position. */
  cancelDeliveriesStep(tx: Tx, contact: ContactKey): Promise<ErasureStep | undefined>
  /** Redacts a page of the attempts of its deliveries, by the ids of the deliveries. */
  eraseAttemptsStep(tx: Tx, contact: ContactKey, after: string): Promise<ErasureStep | undefined>
}
