import type { LiveEvent } from './live.ts'

/** Whom an event is about: a contact, also one that is erased, or a webhook. */
export function subjectOf({ contact, data }: LiveEvent): string {
  return contact?.id ?? idIn(data)
}

function idIn(data: unknown): string {
  return String((data as { id?: unknown } | null)?.id)
}
