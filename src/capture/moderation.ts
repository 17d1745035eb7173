import type { Database, Tx } from '../database/database.ts'
import { appendEvents } from '../events/event-log.ts'
import type { Signals } from '../events/signals.ts'
import { AppError } from '../platform/errors.ts'
import { recordAudit } from '../workspaces/audit.ts'
import type { Viewer } from '../workspaces/viewer.ts'
import type { Workspace, Workspaces } from '../workspaces/workspace.ts'
import { anonymous } from './caller-class.ts'
import { parseCapture } from './read/input.ts'
import { storedBytesOf } from './stored-bytes.ts'
import type { PreparedCapture } from './write/prepared-capture.ts'
import { acceptSubmission, lockSubmission, markSubmissionSpam, type StoredSubmission } from './write/submission.ts'
import { eventOf, writeContacts } from './write/write-contacts.ts'

/** Decisions of people about captures that screening kept back. */
export interface Moderation {
  /**
   * Accepts a submission as if it came now.
   * @throws AppError `not_found`; `conflict` when it is accepted already or erased
   */
  release(viewer: Viewer, submissionId: string): Promise<void>
  /**
   * Marks a submission as spam; does nothing when it is spam already.
   * @throws AppError `not_found`; `conflict` when it is accepted, since its event is published
   */
  markSpam(viewer: Viewer, submissionId: string): Promise<void>
}

interface Parts {
  readonly database: Database
  readonly signals: Signals
  readonly workspaces: Pick<Workspaces, 'byId'>
}

export function createModeration({ database, signals, workspaces }: Parts): Moderation {
  return {
    release: async (viewer, submissionId) => {
      const workspace = await workspaces.byId(viewer.workspaceId)
      if (workspace === undefined) throw notFound()
      await database.inTransaction((tx) => release(tx, viewer, workspace, submissionId))
      signals.notify('events')
    },
    markSpam: (viewer, submissionId) => database.inTransaction((tx) => markSpam(tx, viewer, submissionId)),
  }
}

/** Locks the submission first: of two concurrent releases the second finds it accepted. */
async function release(tx: Tx, viewer: Viewer, workspace: Workspace, id: string): Promise<void> {
  const stored = await lockUnaccepted(tx, viewer, id)
  const [written] = await writeContacts(tx, [recordOf(stored, workspace)])
  if (written === undefined) throw new Error('A capture was not written.')
  const { changes, proposals } = written
  const { contact, outcome } = written.result
  const bytes = storedBytesOf(written)
  await acceptSubmission(tx, { ...stored, outcome, contactId: contact.id, changes, proposals, bytes })
  await audit(tx, viewer, 'submission.released', id, { outcome })
  await appendEvents(tx, eventOf(written))
}

async function markSpam(tx: Tx, viewer: Viewer, id: string): Promise<void> {
  const { status } = await lockUnaccepted(tx, viewer, id)
  if (status === 'SPAM') return
  await markSubmissionSpam(tx, viewer.workspaceId, id)
  await audit(tx, viewer, 'submission.marked_spam', id)
}

/** Locks a submission that is not accepted until the transaction ends. */
async function lockUnaccepted(tx: Tx, { workspaceId }: Viewer, id: string): Promise<StoredSubmission> {
  const stored = await lockSubmission(tx, workspaceId, id)
  if (stored === undefined) throw notFound()
  if (stored.status === 'ACCEPTED') throw new AppError('conflict', 'This submission is accepted.')
  return stored
}

/**
 * Prepares an anonymous capture: a release gives a stranger no rights, such as to set a stage or to replace a trusted
 * value.
 */
function recordOf(stored: StoredSubmission, workspace: Workspace) {
  const { workspaceId, id: submissionId } = stored
  const posted = postedOf(stored)
  const { email, fields } = parseCapture(posted, { stages: [] })
  return {
    workspaceId,
    mergePolicy: workspace.mergePolicy,
    submissionId,
    caller: anonymous,
    email,
    fields,
    screening: { status: 'ACCEPTED' },
    posted,
    byteLength: 0, // It is never queued.
    origin: null,
    userAgent: null,
    idempotency: null,
    inbound: null,
    readsContacts: false,
    isPrivate: true,
  } satisfies PreparedCapture
}

/**
 * Returns the posted fields, or the e-mail alone when the fields were not stored.
 * @throws AppError `conflict` when both are deleted
 */
function postedOf({ fields, email }: StoredSubmission): StoredSubmission['fields'] {
  if (Object.keys(fields).length > 0) return fields
  if (email === null) throw new AppError('conflict', 'The data of this submission has been erased.')
  return { email }
}

function audit(tx: Tx, viewer: Viewer, action: string, targetId: string, details = {}): Promise<void> {
  return recordAudit(tx, { workspaceId: viewer.workspaceId, actor: viewer.apiKeyId, action, targetId, details })
}

function notFound(): AppError {
  return new AppError('not_found', 'There is no such submission.')
}
