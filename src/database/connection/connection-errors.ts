/**
 * Codes of Prisma errors, and `unavailable` of plain statements, which Prisma repeats when it cannot read its schema.
 */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'unavailable'])
const socketPattern = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|57P0|53[123]00|58030|08)/
/** Matches errors of Prisma's raw statements, which hold the SQL state only in their message. */
const messagePattern =
  /Can't reach database|Connection terminated|timeout exceeded when trying to connect|ConnectionClosed|Raw query failed\. Code: `(?:57P0|53[123]00|58030|08)/

/**
 * Returns whether an error or one of its causes means that the database is unavailable: plain statements throw
 * `unavailable`, Prisma does not.
 */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (prismaCodes.has(code) || socketPattern.test(code)) return true
  return messagePattern.test(error.message) || isConnectionError(error.cause)
}
