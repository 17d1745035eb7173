import type { Queryable, Tx } from '../database/database.ts'

export interface ContactKey {
  readonly workspaceId: string
  readonly contactId: string
}

/** What the other halves hold of a contact; each takes it out of its own tables, in the transaction of the erasure. */
export interface ContactTraces {
  /** Locks the answers to its Idempotency-Keys: captures take them before contacts. */
  lockAnswers(tx: Tx, contact: ContactKey): Promise<void>
  /** The e-mails that it was captured with, as they were posted. */
  postedEmails(database: Queryable, contact: ContactKey): Promise<string[]>
  /** Redacts its submissions, those of these e-mails that made no contact, and their answers; how many submissions. */
  eraseFromCaptures(tx: Tx, contact: ContactKey & { readonly emails: readonly string[] }): Promise<number>
  /** Cancels what is open and redacts attempts; answers how many deliveries it cancelled. */
  eraseFromDeliveries(tx: Tx, contact: ContactKey): Promise<number>
}
