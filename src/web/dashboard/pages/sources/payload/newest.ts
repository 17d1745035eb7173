/** Submission that a source has received last. */
export interface Newest {
  readonly id: string
  readonly receivedAt: string
}
