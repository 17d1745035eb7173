/** The embedded PostgreSQL cannot be used. The message says why, and what to do instead. */
export class EmbeddedServerError extends Error {
  constructor(problem: string, cause?: unknown) {
    super(
      `The embedded PostgreSQL cannot be started: ${problem}. ` +
        'Set DATABASE_URL to a PostgreSQL server to do without it.',
      { cause },
    )
    this.name = 'EmbeddedServerError'
  }
}
