import { z } from 'zod'
import type { Contact } from '../../contacts/contact.ts'
import { CaptureOutcome } from '../../generated/prisma/enums.ts'
import { timeOfId } from '../../platform/ids.ts'
import type { StoredResponse } from './idempotency.ts'
import type { CaptureResult } from './prepared-capture.ts'

const storedContact = z.object({
  workspaceId: z.string(),
  id: z.string(),
  email: z.string(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  stage: z.string(),
  source: z.string().nullable(),
  metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  createdAt: z.coerce.date(),
  updatedAt: z.coerce.date(),
  lastSeenAt: z.coerce.date(),
  version: z.number(),
})

const storedResult = z.object({
  submissionId: z.string(),
  outcome: z.enum(CaptureOutcome).nullable(),
  showedContact: z.boolean(),
  // Responses stored by 0.1 have neither.
  isPrivate: z.boolean().nullish(),
  receivedAt: z.coerce.date().nullish(),
  contact: storedContact,
})

/**
 * Returns the response to store for the key, without the metadata: no response shows it, and it may be most of the
 * capture.
 */
export function toStoredResponse(bodyHash: string, result: CaptureResult): StoredResponse {
  const { firstTouch: _first, lastTouch: _last, trustedFields: _trusted, ...contact } = result.contact
  const { sourceAnswer: _answer, status: _status, ...rest } = result
  const answer = { ...rest, contact: { ...contact, metadata: {} } }
  return { bodyHash, submissionId: result.submissionId, answer }
}

/** Returns the first result from its stored form. */
export function parseStoredResponse(answer: unknown): CaptureResult {
  const { contact, isPrivate, receivedAt, ...result } = storedResult.parse(answer)
  const whole: Contact = { ...contact, firstTouch: null, lastTouch: null, trustedFields: [] }
  return {
    ...result,
    contact: whole,
    isPrivate: isPrivate ?? result.outcome === null,
    receivedAt: receivedAt ?? timeOfId(result.submissionId),
    status: null,
    sourceAnswer: null,
  }
}
