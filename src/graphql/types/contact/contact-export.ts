import { findHeldPayloads } from '../../../capture/source/held-payloads.ts'
import { readChanges } from '../../../capture/write/changes.ts'
import { readStoredFields } from '../../../capture/write/stored-fields.ts'
import { parseBody } from '../../../events/event-types.ts'
import { inWorkspace } from '../../../workspaces/viewer.ts'
import type { Context } from '../../execution/context.ts'
import { attemptFor } from '../delivery/attempt-view.ts'

const chunkRows = 100
const maxBytes = 4_194_304

/**
 * Returns all stored data of one contact, with the field names of webhooks; null if there is none. Each list has the
 * newest entries within 4 MiB, so that no history can fill the memory; `complete` is true if no entry is missing.
 */
export async function exportContact(context: Context, id: string): Promise<Record<string, unknown> | null> {
  const contact = await context.database.prisma.contact.findFirst({ where: inWorkspace(context.viewer, { id }) })
  if (contact === null) return null
  const emails = await context.contactErasure.emailsOf(context.viewer, contact)
  const held = await findHeldPayloads(context.database, context.viewer.workspaceId, emails)
  const [submissions, events, deliveries, audit] = await Promise.all([
    readSubmissions(context, id, emails, held),
    readEvents(context, id),
    readDeliveries(context, id),
    readAudit(context, id),
  ])
  const { workspaceId: _, ...columns } = contact
  return {
    contact: inSnakeCase({
      ...columns,
      firstTouch: touchOf(columns.firstTouch),
      lastTouch: touchOf(columns.lastTouch),
    }),
    submissions: submissions.rows,
    events: events.rows,
    deliveries: deliveries.rows,
    audit: audit.rows,
    complete: [submissions, events, deliveries, audit].every(({ isWhole }) => isWhole),
  }
}

/** Includes submissions without a contact: held, marked as spam, or payloads of sources that an e-mail occurs in. */
function readSubmissions({ database, viewer }: Context, contactId: string, emails: string[], held: string[]) {
  return readList(async (page) => {
    const where = inWorkspace(viewer, {
      OR: [{ contactId }, { contactId: null, email: { in: emails } }, { id: { in: held } }],
      ...page.range,
    })
    const rows = await database.prisma.submission.findMany({ where, orderBy: { id: 'desc' }, take: page.size })
    return rows.map(({ workspaceId: _, contactId: _contactId, storedBytes: _s, rawBytes: _r, rawEmails: _e, ...row }) =>
      entryOf({
        ...row,
        fields: readStoredFields(row.fields).fields,
        changes: readChanges(row.changes, row.fields),
      }),
    )
  })
}

function readEvents({ database, viewer }: Context, contactId: string) {
  return readList(async (page) => {
    const where = inWorkspace(viewer, { contactId, ...page.range })
    const rows = await database.prisma.event.findMany({ where, orderBy: { id: 'desc' }, take: page.size })
    return rows.map(({ id, type, body, createdAt }) => entryOf({ id, type, data: parseBody(body).data, createdAt }))
  })
}

/** Reads the deliveries with their responses. An endpoint appears with its host only: its whole URL may be a secret. */
function readDeliveries({ database, viewer }: Context, contactId: string) {
  return readList(async (page) => {
    const rows = await database.prisma.delivery.findMany({
      where: inWorkspace(viewer, { contactId, ...page.range }),
      include: { endpoint: true, attempts: { orderBy: { number: 'asc' } } },
      orderBy: { id: 'desc' },
      take: page.size,
    })
    return rows.map(({ id, eventId, endpointId, endpoint, status, createdAt, completedAt, attempts }) => {
      const host = endpoint === null ? null : new URL(endpoint.url).host
      const exportedAttempts = attempts.map((attempt) => {
        const { responseStatus, responseBody, error, detail } = attemptFor(viewer, attempt)
        return inSnakeCase({ startedAt: attempt.startedAt, responseStatus, responseBody, error, detail })
      })
      return entryOf({ id, eventId, endpointId, host, status, createdAt, completedAt, attempts: exportedAttempts })
    })
  })
}

function readAudit({ database, viewer }: Context, targetId: string) {
  return readList(async (page) => {
    const where = inWorkspace(viewer, { targetId, ...page.range })
    const rows = await database.prisma.auditEntry.findMany({ where, orderBy: { id: 'desc' }, take: page.size })
    return rows.map(({ id, action, at, details }) => entryOf({ id, action, at, details }))
  })
}

interface Entry {
  readonly id: string
  readonly shown: Record<string, unknown>
}

interface NextPage {
  /** Range after the last page. */
  readonly range: { readonly id?: { readonly lt: string } }
  readonly size: number
}

/** Reads the newest entries within the size limit, in chunks. */
async function readList(read: (page: NextPage) => Promise<Entry[]>) {
  const rows: Record<string, unknown>[] = []
  let bytes = 0
  let last: string | undefined
  for (;;) {
    const entries = await read({ range: last === undefined ? {} : { id: { lt: last } }, size: chunkRows })
    for (const { shown } of entries) {
      bytes += Buffer.byteLength(JSON.stringify(shown))
      if (bytes > maxBytes) return { rows, isWhole: false }
      rows.push(shown)
    }
    last = entries.at(-1)?.id
    if (last === undefined || entries.length < chunkRows) return { rows, isWhole: true }
  }
}

function entryOf<Row extends { readonly id: string }>(row: Row): Entry {
  return { id: row.id, shown: inSnakeCase(row) }
}

function touchOf(touch: unknown): unknown {
  return typeof touch === 'object' && touch !== null ? inSnakeCase(touch) : null
}

/** Converts the names of Rex's own fields; names that people posted stay unchanged. */
function inSnakeCase(row: object): Record<string, unknown> {
  const named = Object.entries(row).map(([key, value]) => [
    key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ])
  return Object.fromEntries(named)
}
