/** `unavailable` is what plain statements throw, and what Prisma repeats when it cannot ask for its schema. */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'unavailable'])
const socketPattern = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|57P0|53[123]00|58030|08)/
/** Prisma tells the state that its raw statements failed with in their message alone. */
const messagePattern =
  /Can't reach database|Connection terminated|timeout exceeded when trying to connect|ConnectionClosed|Raw query failed\. Code: `(?:57P0|53[123]00|58030|08)/

/** Whether an error, or what it came of, says that the database is away: plain statements say so themselves, Prisma does not. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (prismaCodes.has(code) || socketPattern.test(code)) return true
  return messagePattern.test(error.message) || isConnectionError(error.cause)
}
