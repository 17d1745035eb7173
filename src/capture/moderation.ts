import type { ContactFields } from '../contacts/merge.ts'
import type { Database, Tx } from '../database/database.ts'
import { appendEvents } from '../events/event-log.ts'
import type { Signals } from '../events/signals.ts'
import { AppError } from '../platform/errors.ts'
import { normaliseEmail } from '../platform/text/email.ts'
import { recordAudit } from '../workspaces/audit.ts'
import type { Viewer } from '../workspaces/viewer.ts'
import type { Workspace, Workspaces } from '../workspaces/workspace.ts'
import { anonymous } from './caller-class.ts'
import { parseCapture } from './read/input.ts'
import { screenLead } from './screen/screening.ts'
import { findHeldIds, type HeldLeadReader, hasSource, readHeldLead } from './source/held-leads.ts'
import { toPosted } from './source/lead-fields.ts'
import { storedBytesOf } from './stored-bytes.ts'
import type { PreparedCapture } from './write/prepared-capture.ts'
import { acceptSubmission, lockSubmission, markSubmissionSpam, type StoredSubmission } from './write/submission.ts'
import { eventOf, writeContacts } from './write/write-contacts.ts'

/** Decisions of people about captures that screening kept back. */
export interface Moderation {
  /**
   * Accepts a submission as if it came now. One of a source is mapped anew, with the mapping as it is now.
   * @param email by hand, for a payload in which none was found
   * @throws AppError `not_found`; `conflict` when it is accepted already, ignored or erased, still has no e-mail, or needs none
   */
  release(viewer: Viewer, submissionId: string, email?: string): Promise<void>
  /**
   * Accepts all submissions of a source that its mapping understands by now. Those that screening holds stay held, and
   * so do test leads. Each is released on its own: a call that was cut off has released the first ones.
   * @throws AppError `not_found`
   */
  releaseHeld(viewer: Viewer, sourceId: string): Promise<ReleasedSubmissions>
  /**
   * Marks a submission as spam; does nothing when it is spam already.
   * @throws AppError `not_found`; `conflict` when it is accepted, since its event is published
   */
  markSpam(viewer: Viewer, submissionId: string): Promise<void>
}

/** Result of releasing what a source has held. */
export interface ReleasedSubmissions {
  readonly released: number
  readonly stillHeld: number
}

interface Parts {
  readonly database: Database
  readonly signals: Signals
  readonly workspaces: Pick<Workspaces, 'byId'>
  /** Maps payloads of sources anew; without it their stored fields count. */
  readonly heldLeads?: HeldLeadReader
}

export function createModeration({ database, signals, workspaces, heldLeads }: Parts): Moderation {
  return {
    release: async (viewer, submissionId, email) => {
      const workspace = await workspaces.byId(viewer.workspaceId)
      if (workspace === undefined) throw notFound()
      const request = { viewer, workspace, id: submissionId, email }
      await database.inTransaction((tx) => release(tx, request, heldLeads))
      signals.notify('events')
    },
    releaseHeld: async (viewer, sourceId) => {
      const workspace = await workspaces.byId(viewer.workspaceId)
      if (workspace === undefined || !(await hasSource(database, viewer.workspaceId, sourceId))) throw noSource()
      const count = { released: 0, stillHeld: 0 }
      for (let ids = await findHeld(database, viewer, sourceId, ''); ids.length > 0; ) {
        for (const id of ids) {
          const request = { viewer, workspace, id, email: undefined }
          const isReleased = await database.inTransaction((tx) => releaseUnderstood(tx, request, heldLeads))
          count[isReleased ? 'released' : 'stillHeld']++
        }
        signals.notify('events')
        ids = await findHeld(database, viewer, sourceId, ids.at(-1) ?? '')
      }
      return count
    },
    markSpam: (viewer, submissionId) => database.inTransaction((tx) => markSpam(tx, viewer, submissionId)),
  }
}

interface Release {
  readonly viewer: Viewer
  readonly workspace: Workspace
  readonly id: string
  readonly email: string | undefined
}

function findHeld(database: Database, { workspaceId }: Viewer, sourceId: string, after: string): Promise<string[]> {
  return findHeldIds(database, { workspaceId, sourceId, after })
}

/** Locks the submission first: of two concurrent releases the second finds it accepted. */
async function release(tx: Tx, request: Release, reader?: HeldLeadReader): Promise<void> {
  const { viewer, id, email } = request
  const stored = await lockUnaccepted(tx, viewer, id)
  if (stored.status === 'IGNORED') throw new AppError('conflict', 'This submission is an event of a tool, and no lead.')
  await accept(tx, request, stored, await leadOf(tx, stored, { email, reader }))
}

/** Returns whether the submission was released: it may be another status by now, or be held for another reason. */
async function releaseUnderstood(tx: Tx, request: Release, reader?: HeldLeadReader): Promise<boolean> {
  const { viewer, id } = request
  const stored = await lockSubmission(tx, viewer.workspaceId, id)
  const sourceId = stored?.sourceId ?? null
  if (reader === undefined || stored?.status !== 'HELD' || sourceId === null) return false
  const { isUnderstood, email, fields } = await readHeldLead(tx, reader, { ...stored, sourceId })
  if (!isUnderstood || email === undefined) return false
  const lead = { email, fields }
  if (screenLead(lead).status !== 'ACCEPTED') return false
  await accept(tx, request, stored, { lead, posted: toPosted(email, fields) })
  return true
}

async function accept(
  tx: Tx,
  { viewer, workspace, id }: Release,
  stored: StoredSubmission,
  { lead, posted }: ReleasedLead,
): Promise<void> {
  const [written] = await writeContacts(tx, [recordOf(stored, workspace, lead, posted)])
  if (written === undefined) throw new Error('A capture was not written.')
  const { changes, proposals } = written
  const { contact, outcome } = written.result
  const { payloadBytes } = stored
  const { total, raw } = storedBytesOf(written)
  const bytes = { total: total + payloadBytes, raw: raw + payloadBytes }
  // Fields that retention has deleted stay away.
  const fields = stored.raw === null ? stored.fields : posted
  const source = lead.fields.source ?? null
  await acceptSubmission(tx, { ...stored, fields, source, outcome, contactId: contact.id, changes, proposals, bytes })
  await audit(tx, viewer, 'submission.released', id, { outcome })
  await appendEvents(tx, eventOf(written))
}

interface ReleasedLead {
  readonly lead: { readonly email: string; readonly fields: ContactFields }
  readonly posted: Readonly<Record<string, unknown>>
}

/** Reads the lead of a submission. @throws AppError `conflict` */
async function leadOf(
  tx: Tx,
  stored: StoredSubmission,
  { email, reader }: { readonly email: string | undefined; readonly reader: HeldLeadReader | undefined },
): Promise<ReleasedLead> {
  const { workspaceId, sourceId, fields, raw } = stored
  if (sourceId === null || reader === undefined) {
    if (email !== undefined) throw otherEmail()
    const posted = postedOf(stored)
    return { lead: parseCapture(posted, { stages: [], keptKeys: stored.keptKeys }), posted }
  }
  const isErased = raw === null && stored.email === null && Object.keys(fields).length === 0
  if (isErased && email === undefined) throw erased()
  const held = { ...stored, workspaceId, sourceId }
  const own = await readHeldLead(tx, reader, held)
  const checked = normaliseEmail(email ?? own.email ?? '')
  if (checked === undefined) throw withoutEmail(email)
  if (own.email !== undefined && own.email !== checked) throw otherEmail()
  const lead = email === undefined ? own : await readHeldLead(tx, reader, { ...held, emailByHand: checked })
  return { lead: { email: checked, fields: lead.fields }, posted: toPosted(checked, lead.fields) }
}

function otherEmail(): AppError {
  return new AppError('conflict', 'This submission has an e-mail of its own.')
}

function withoutEmail(emailByHand: string | undefined): AppError {
  const message =
    emailByHand === undefined
      ? 'No e-mail was found in this submission. Change the mapping of its source, or give one.'
      : 'The e-mail must be one e-mail address.'
  return new AppError('conflict', message)
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
function recordOf(
  { workspaceId, id: submissionId }: StoredSubmission,
  workspace: Workspace,
  { email, fields }: ReleasedLead['lead'],
  posted: ReleasedLead['posted'],
) {
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
  if (email === null) throw erased()
  return { email }
}

function audit(tx: Tx, viewer: Viewer, action: string, targetId: string, details = {}): Promise<void> {
  return recordAudit(tx, { workspaceId: viewer.workspaceId, actor: viewer.apiKeyId, action, targetId, details })
}

function erased(): AppError {
  return new AppError('conflict', 'The data of this submission has been erased.')
}

function noSource(): AppError {
  return new AppError('not_found', 'There is no such source.')
}

function notFound(): AppError {
  return new AppError('not_found', 'There is no such submission.')
}
