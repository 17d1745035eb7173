import { createHash } from 'node:crypto'

/** What a list is ordered by, of one row. */
export type CursorKey = readonly (string | number)[]

/** Which list a cursor belongs to: one of another workspace or another list is not taken. */
export interface CursorScope {
  readonly workspaceId: string
  readonly list: string
}

const version = '1'
const checksumLength = 12
const pattern = /^1([A-Za-z0-9_-]{1,1024})\.([A-Za-z0-9_-]{12})$/

/** A place in a list, opaque to callers: version, key and checksum. It holds no secret: whoever has it could read the row. */
export function encodeCursor(scope: CursorScope, key: CursorKey): string {
  const body = Buffer.from(JSON.stringify(key)).toString('base64url')
  return `${version}${body}.${checksum(scope, body)}`
}

/** The key that a cursor of this list holds; undefined for what is none. */
export function decodeCursor(scope: CursorScope, cursor: string): CursorKey | undefined {
  const [, body, check] = pattern.exec(cursor) ?? []
  if (body === undefined || check !== checksum(scope, body)) return undefined
  return parseKey(Buffer.from(body, 'base64url').toString())
}

/** The resume token of an event: good on every node, for the subscription and for the list of events. */
export function eventCursor(workspaceId: string, position: number): string {
  return encodeCursor({ workspaceId, list: eventList }, [position])
}

/** The position that a resume token of this workspace stands for; undefined for what is none. */
export function positionOfCursor(workspaceId: string, cursor: string): number | undefined {
  const [position] = decodeCursor({ workspaceId, list: eventList }, cursor) ?? []
  return typeof position === 'number' && Number.isSafeInteger(position) && position >= 0 ? position : undefined
}

export const eventList = 'events'

function checksum({ workspaceId, list }: CursorScope, body: string): string {
  const digest = createHash('sha256').update([version, workspaceId, list, body].join('\n')).digest('base64url')
  return digest.slice(0, checksumLength)
}

function parseKey(text: string): CursorKey | undefined {
  try {
    const key: unknown = JSON.parse(text)
    return Array.isArray(key) && key.every(isKeyPart) ? key : undefined
  } catch {
    return undefined // Whoever forged the checksum gets no other answer.
  }
}

function isKeyPart(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}
