/** Expected failure of a command; its message is one line for the caller, and says what to do. */
export class DataError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'DataError'
  }
}
