import { z } from 'zod'
import type { Contact } from '../../contacts/contact.ts'
import { CaptureOutcome } from '../../generated/prisma/enums.ts'
import { timeOfId } from '../../platform/ids.ts'
import type { StoredAnswer } from './idempotency.ts'
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
  // The answers of 0.1 have neither.
  isPrivate: z.boolean().nullish(),
  receivedAt: z.coerce.date().nullish(),
  contact: storedContact,
})

/** The answer as it is kept with the key: without what no answer shows, which may be most of what was sent. */
export function toStoredAnswer(bodyHash: string, result: CaptureResult): StoredAnswer {
  const { firstTouch: _first, lastTouch: _last, trustedFields: _trusted, ...contact } = result.contact
  const answer = { ...result, contact: { ...contact, metadata: {} } }
  return { bodyHash, submissionId: result.submissionId, answer }
}

/** The first result again, from what was kept. */
export function resultOfReplay(answer: unknown): CaptureResult {
  const { contact, isPrivate, receivedAt, ...result } = storedResult.parse(answer)
  const whole: Contact = { ...contact, firstTouch: null, lastTouch: null, trustedFields: [] }
  return {
    ...result,
    contact: whole,
    isPrivate: isPrivate ?? result.outcome === null,
    receivedAt: receivedAt ?? timeOfId(result.submissionId),
  }
}
