import { createCipheriv, createDecipheriv, createHash, createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import { type Database, statement } from '../database/database.ts'
import { deriveKey } from '../platform/crypto/derived-key.ts'

/** Values of the sort columns of one row. */
export type CursorKey = readonly (string | number)[]

/** List that a cursor belongs to: a cursor of another workspace or another list is rejected. */
export interface CursorScope {
  readonly workspaceId: string
  readonly list: string
}

/**
 * Creates and reads opaque positions in lists. They are encrypted, since a position in the log counts the events of all
 * workspaces and a key may be an e-mail. The same position gives the same cursor on every node.
 */
export interface Cursors {
  encode(scope: CursorScope, key: CursorKey): string
  /** Returns the key in a cursor of this list; undefined for any other text. */
  decode(scope: CursorScope, cursor: string): CursorKey | undefined
  /** Returns the resume token of an event, for the subscription and for the list of events. */
  ofEvent(workspaceId: string, position: number): string
  /** Returns the position of a resume token of this workspace; undefined for any other text. */
  positionOf(workspaceId: string, cursor: string): number | undefined
}

export const eventList = 'events'
export const contactEventList = 'Contact.events'
/** Lists whose keys are positions in the log. */
const positionLists: ReadonlySet<string> = new Set([eventList, contactEventList])

export interface CursorSeal {
  /** 32 bytes, generated per installation. */
  readonly key: Buffer
  /** Last position that version 0.1 may have shown to each workspace; no entry for newer workspaces. */
  readonly unsealedPositions: ReadonlyMap<string, number>
}

export function createCursors(cursorSeal: CursorSeal): Cursors {
  const keys = keysOf(cursorSeal)
  const encode = (scope: CursorScope, key: CursorKey) => seal(keys, scope, padded(JSON.stringify(key)))
  const decode = (scope: CursorScope, cursor: string) => {
    if (cursor.startsWith(unsealedVersion))
      return decodeUnsealed(scope, cursor, cursorSeal.unsealedPositions.get(scope.workspaceId) ?? 0)
    const text = open(keys, scope, cursor)
    return text === undefined ? undefined : parseKey(text)
  }
  return {
    encode,
    decode,
    ofEvent: (workspaceId, position) => encode({ workspaceId, list: eventList }, [position]),
    positionOf: (workspaceId, cursor) => {
      const [position] = decode({ workspaceId, list: eventList }, cursor) ?? []
      return isPosition(position) ? position : undefined
    },
  }
}

/**
 * Reads the seal that a migration created. It is in the database and not in the key ring, so that nodes with different
 * key rings read each other's cursors; anyone with access to the database can count its events anyway.
 */
export async function readCursorSeal(database: Database): Promise<CursorSeal> {
  const [row] = await database.query<{ key: string }>(selectSeal)
  if (row === undefined) throw new Error('The database has no key for cursors: cursor_seal is empty.')
  const unsealed = await database.query<{ id: string; unsealed_position: number }>(selectUnsealed)
  return {
    key: Buffer.from(row.key, 'hex'),
    unsealedPositions: new Map(unsealed.map(({ id, unsealed_position }) => [id, unsealed_position])),
  }
}

interface Keys {
  readonly mac: KeyObject
  readonly cipher: KeyObject
}

function keysOf({ key }: CursorSeal): Keys {
  const installation = { id: 'cursor', key }
  return { mac: deriveKey(installation, 'rex/cursor-mac'), cipher: deriveKey(installation, 'rex/cursor-cipher') }
}

const version = '2'
const ivBytes = 16
/** Cursors are padded to this size: otherwise their length would reveal the number of digits of a position. */
const blockBytes = 32
const sealedPattern = /^2([A-Za-z0-9_-]{64,1400})$/

/** Pads with spaces, which JSON ignores at the end. */
function padded(text: string): string {
  return text.padEnd(
    Math.ceil(Buffer.byteLength(text) / blockBytes) * blockBytes - Buffer.byteLength(text) + text.length,
  )
}

/**
 * Encrypts with a synthetic IV as in RFC 5297: the MAC of scope and text is the IV of the cipher and authenticates
 * both.
 */
function seal({ mac, cipher }: Keys, scope: CursorScope, text: string): string {
  const iv = ivOf(mac, scope, text)
  const encryption = createCipheriv('aes-256-ctr', cipher, iv)
  return version + Buffer.concat([iv, encryption.update(text, 'utf8'), encryption.final()]).toString('base64url')
}

function open({ mac, cipher }: Keys, scope: CursorScope, cursor: string): string | undefined {
  const [, body] = sealedPattern.exec(cursor) ?? []
  if (body === undefined) return undefined
  const bytes = Buffer.from(body, 'base64url')
  if (bytes.toString('base64url') !== body) return undefined // Each cursor has exactly one spelling.
  const iv = bytes.subarray(0, ivBytes)
  const decryption = createDecipheriv('aes-256-ctr', cipher, iv)
  const text = Buffer.concat([decryption.update(bytes.subarray(ivBytes)), decryption.final()]).toString()
  return timingSafeEqual(ivOf(mac, scope, text), iv) ? text : undefined
}

function ivOf(mac: KeyObject, { workspaceId, list }: CursorScope, text: string): Buffer {
  return createHmac('sha256', mac).update([workspaceId, list, text].join('\n')).digest().subarray(0, ivBytes)
}

const unsealedVersion = '1'
const unsealedPattern = /^1([A-Za-z0-9_-]{1,1024})\.([A-Za-z0-9_-]{12})$/

/**
 * Reads a cursor of version 0.1. Its checksum has no key, so anyone can forge one. Positions after the upgrade are
 * rejected; otherwise a tenant could find the end of the log of all workspaces by trial.
 */
function decodeUnsealed(scope: CursorScope, cursor: string, unsealedEnd: number): CursorKey | undefined {
  const [, body, check] = unsealedPattern.exec(cursor) ?? []
  if (body === undefined || check !== unsealedChecksum(scope, body)) return undefined
  const key = parseKey(Buffer.from(body, 'base64url').toString())
  if (!positionLists.has(scope.list)) return key?.every(isPrintable) ? key : undefined
  return key?.every((position) => isPosition(position) && position <= unsealedEnd) ? key : undefined
}

function unsealedChecksum({ workspaceId, list }: CursorScope, body: string): string {
  const text = [unsealedVersion, workspaceId, list, body].join('\n')
  return createHash('sha256').update(text).digest('base64url').slice(0, 12)
}

function parseKey(text: string): CursorKey | undefined {
  try {
    const key: unknown = JSON.parse(text)
    return Array.isArray(key) && key.every(isKeyPart) ? key : undefined
  } catch {
    return undefined // A forged cursor of version 0.1 is rejected like any other.
  }
}

function isKeyPart(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

/** Checks for printable ASCII, as in ids, times and e-mails: PostgreSQL rejects U+0000 in a text. */
function isPrintable(value: unknown): boolean {
  return typeof value === 'string' && /^[\x20-\x7e]{1,320}$/.test(value)
}

function isPosition(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

// No index: one row.
const selectSeal = statement('select_cursor_seal', 'select key from cursor_seal')

// No index: reads all workspaces once at start.
const selectUnsealed = statement(
  'select_unsealed_positions',
  'select id, unsealed_position from workspace where unsealed_position > 0',
)
