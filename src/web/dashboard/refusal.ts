/** Error that the server returned instead of a result. */
export class Refusal extends Error {
  readonly code: string
  /** Errors by the part of the input. */
  readonly issues: readonly { readonly path: string; readonly message: string }[]

  constructor(code: string, message: string, issues: Refusal['issues'] = []) {
    super(message)
    this.code = code
    this.issues = issues
  }
}
