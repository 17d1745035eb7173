import { anonymous } from '../../src/capture/caller-class.ts'
import type { PreparedCapture } from '../../src/capture/write/prepared-capture.ts'
import type { Contact } from '../../src/contacts/contact.ts'
import { newId } from '../../src/platform/ids.ts'

/** A stored contact of nobody in particular, as a test wants it. */
export function contactOf(wanted: Partial<Contact> = {}): Contact {
  const createdAt = new Date('2026-03-16T12:00:00.000Z')
  return {
    workspaceId: 'ws_1',
    id: 'cont_1',
    email: 'jane@example.com',
    firstName: null,
    lastName: null,
    stage: 'lead',
    source: null,
    metadata: {},
    firstTouch: null,
    lastTouch: null,
    trustedFields: [],
    createdAt,
    updatedAt: createdAt,
    lastSeenAt: createdAt,
    version: 1,
    ...wanted,
  }
}

/** A capture that was accepted at the door, as a test wants it. */
export function captureOf(workspaceId: string, wanted: Partial<PreparedCapture> = {}): PreparedCapture {
  return {
    workspaceId,
    mergePolicy: 'OVERWRITE',
    submissionId: newId('submission'),
    caller: anonymous,
    email: 'jane@example.com',
    fields: { metadata: {} },
    screening: { status: 'ACCEPTED' },
    posted: {},
    byteLength: 100,
    origin: null,
    userAgent: null,
    idempotency: null,
    inbound: null,
    readsContacts: false,
    isPrivate: false,
    ...wanted,
  }
}
