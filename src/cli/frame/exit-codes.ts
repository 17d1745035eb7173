/** Exit codes of all commands. Scripts rely on them: a number is never given another meaning. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notAllowed: 3,
  notFound: 4,
  unavailable: 5,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Meanings of the exit codes, as `--help` and docs/cli.md show them. */
export const exitCodeMeanings: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.ok, 'done'],
  [exitCodes.failed, 'failed, or refused by the server'],
  [exitCodes.usage, 'wrong usage: an unknown command, option or value'],
  [exitCodes.notAllowed, 'not signed in, or the key lacks a scope'],
  [exitCodes.notFound, 'not found'],
  [exitCodes.unavailable, 'the server cannot be reached, or is not ready'],
]
