/** What the server says instead of an answer. */
export class Refusal extends Error {
  readonly code: string
  /** Which parts of the input it is about. */
  readonly issues: readonly { readonly path: string; readonly message: string }[]

  constructor(code: string, message: string, issues: Refusal['issues'] = []) {
    super(message)
    this.code = code
    this.issues = issues
  }
}
