import { isObject } from '../../contacts/field-checks.ts'
import type { ContactFields } from '../../contacts/merge.ts'
import { type Queryable, statement, unpreparedStatement } from '../../database/database.ts'
import type { SourceKind } from '../../generated/prisma/enums.ts'
import { normaliseEmail } from '../../platform/text/email.ts'
import { payloadOfRaw } from '../../sources/decode/decode.ts'
import type { JsonValue } from '../../sources/payload.ts'
import { isQueryKey } from '../../sources/read/values/tracking.ts'
import type { InboundSource, Kinds, LeadReading, ReadLead } from './inbound-source.ts'
import { toContactFields } from './lead-fields.ts'

const heldPerPage = 100

/** Reads payloads of sources again. */
export interface HeldLeadReader {
  readonly kinds: Kinds
  readonly readLead: ReadLead
}

/** Submission of a source that was not accepted. */
export interface HeldSubmission {
  readonly workspaceId: string
  readonly sourceId: string
  /** Null when retention has deleted it, or it was not stored. */
  readonly raw: JsonValue | null
  readonly fields: Readonly<Record<string, unknown>>
  readonly email: string | null
  /** Address that a person has given; names are read beside it. */
  readonly emailByHand?: string | undefined
}

/** Lead as it is understood now; `email` is undefined when there is still none. */
export interface HeldLead {
  /** Whether the mapping accepts the payload by now: a test lead, for example, has an e-mail and is not accepted. */
  readonly isUnderstood: boolean
  readonly email: string | undefined
  readonly fields: ContactFields
}

/**
 * Reads the payload of a submission with the mapping of its source as it is now. Without a payload, or when it is still
 * not understood, the fields of the submission count.
 */
export async function readHeldLead(
  database: Queryable,
  { kinds, readLead }: HeldLeadReader,
  held: HeldSubmission,
): Promise<HeldLead> {
  const [source] = await database.query<SourceRow>(selectSource, [held.workspaceId, held.sourceId])
  const payload = held.raw === null ? undefined : payloadOfRaw(held.raw)
  const stored = storedLeadOf(held)
  if (payload === undefined) return withSource(stored, source?.name)
  const reading = readLead({
    payload,
    kind: source && kinds.kindOf(source.kind),
    kinds: kinds.allKinds,
    mapping: source?.mapping ?? [],
    query: new URLSearchParams(),
    sourceName: source?.name ?? '',
    defaultCountry: source?.default_country ?? undefined,
    ...(held.emailByHand !== undefined && { emailByHand: held.emailByHand }),
  })
  return withQueryOf(stored, reading, source?.name)
}

/**
 * Completes a reading with the fields of the query that the request had: the query is not stored, so they are taken from
 * the fields that were read then. A source that the mapping gives wins over that of the query.
 */
function withQueryOf(stored: HeldLead, reading: LeadReading, sourceName: string | undefined): HeldLead {
  const isUnderstood = reading.status === 'accepted' && reading.email !== undefined
  const fields = toContactFields(reading.fields)
  const tracking = Object.entries(stored.fields.metadata).filter(([key]) => isQueryKey(key))
  const isMapped = fields.source !== undefined && fields.source !== sourceName
  const source = isMapped ? fields.source : (stored.fields.source ?? fields.source)
  const email = isUnderstood ? normaliseEmail(reading.email) : stored.email
  const metadata = { ...Object.fromEntries(tracking), ...fields.metadata }
  return { isUnderstood, email, fields: { ...fields, ...(source !== undefined && { source }), metadata } }
}

function withSource(lead: HeldLead, sourceName: string | undefined): HeldLead {
  const source = lead.fields.source ?? sourceName
  return source === undefined ? lead : { ...lead, fields: { ...lead.fields, source } }
}

function storedLeadOf({ fields, email }: HeldSubmission): HeldLead {
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : undefined)
  const metadata = isObject(fields['metadata']) ? fields['metadata'] : {}
  const values = Object.entries(metadata).filter((entry): entry is [string, string | number | boolean] =>
    ['string', 'number', 'boolean'].includes(typeof entry[1]),
  )
  const lead = {
    firstName: text('first_name'),
    lastName: text('last_name'),
    source: text('source'),
    metadata: Object.fromEntries(values),
  }
  return { isUnderstood: false, email: text('email') ?? email ?? undefined, fields: toContactFields(lead) }
}

/** Returns a page of the held submissions of a source after this id, in order. */
export async function findHeldIds(
  database: Queryable,
  { workspaceId, sourceId, after }: { readonly workspaceId: string; readonly sourceId: string; readonly after: string },
): Promise<string[]> {
  const rows = await database.query<{ id: string }>(selectHeld, [workspaceId, sourceId, after, heldPerPage])
  return rows.map(({ id }) => id)
}

/** Returns whether a workspace has the source. */
export async function hasSource(database: Queryable, workspaceId: string, sourceId: string): Promise<boolean> {
  const rows = await database.query(selectSource, [workspaceId, sourceId])
  return rows.length > 0
}

interface SourceRow {
  readonly kind: SourceKind
  readonly name: string
  readonly mapping: InboundSource['mapping']
  readonly default_country: string | null
}

// Index: source_pkey, workspace_pkey.
const selectSource = statement(
  'select_source_of_submission',
  `select source.kind::text, source.name, source.mapping, workspace.default_country
   from source
   join workspace on workspace.id = source.workspace_id
   where source.workspace_id = $1
     and source.id = $2`,
)

// Index: submission_source_idx.
const selectHeld = unpreparedStatement(
  'select_held_of_source',
  `select id
   from submission
   where workspace_id = $1
     and source_id = $2
     and status = 'HELD'
     and id > $3
   order by id
   limit $4`,
)
