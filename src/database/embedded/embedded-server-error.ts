/** Thrown when the embedded PostgreSQL cannot be used. The message has the reason and the alternative. */
export class EmbeddedServerError extends Error {
  constructor(problem: string, cause?: unknown) {
    super(
      `The embedded PostgreSQL cannot be started: ${problem}. To use another PostgreSQL server, set DATABASE_URL.`,
      { cause },
    )
    this.name = 'EmbeddedServerError'
  }
}
