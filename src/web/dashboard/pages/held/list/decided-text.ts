import type { Decision } from './use-decisions.ts'

/** Returns in words how many submissions were decided about. */
export function decidedText(decision: Decision, count: number): string {
  if (decision === 'spam') return count === 1 ? 'Marked as spam.' : `${count} marked as spam.`
  return count === 1 ? 'Released. It is a lead now.' : `${count} released. They are leads now.`
}
