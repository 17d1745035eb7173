import type { LiveEvent } from './live.ts'

/** Returns the id of an event's entity: a contact, which may be erased, or a webhook. */
export function entityIdOf({ contact, data }: LiveEvent): string {
  return contact?.id ?? idIn(data)
}

function idIn(data: unknown): string {
  return String((data as { id?: unknown } | null)?.id)
}
