/** Rolls back a batch with captures that the stored contact leaves no room for: they fail alone, and store nothing. */
export class RefusedCaptures extends Error {
  /** The ids of their submissions. */
  readonly submissionIds: ReadonlySet<string>

  constructor(submissionIds: ReadonlySet<string>) {
    super('Captures of this batch are refused.')
    this.name = 'RefusedCaptures'
    this.submissionIds = submissionIds
  }
}
