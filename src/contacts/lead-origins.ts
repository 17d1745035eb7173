import { type Database, type Statement, unpreparedStatement } from '../database/database.ts'

/** Number of new contacts whose first touch has a value. */
export interface LeadOrigin {
  readonly key: string
  readonly leads: number
}

interface OriginRequest {
  readonly workspaceId: string
  /** Inclusive. */
  readonly from: Date
  /** Exclusive. */
  readonly to: Date
}

const maxShown = 10

/** Returns the campaigns of the first touch with the most new contacts of a time range. */
export function readTopCampaigns(database: Database, request: OriginRequest): Promise<LeadOrigin[]> {
  return readTop(database, countCampaigns, request)
}

/** Returns the landing pages of the first touch with the most new contacts of a time range. */
export function readTopLandingPages(database: Database, request: OriginRequest): Promise<LeadOrigin[]> {
  return readTop(database, countLandingPages, request)
}

function readTop(
  database: Database,
  count: Statement,
  { workspaceId, from, to }: OriginRequest,
): Promise<LeadOrigin[]> {
  return database.query<LeadOrigin>(count, [workspaceId, from.toISOString(), to.toISOString(), maxShown])
}

// Index: contact_workspace_id_created_at_id_idx.
const countBy = (key: string) =>
  `select first_touch ->> '${key}' as key,
          count(*)::int as leads
   from contact
   where workspace_id = $1
     and created_at >= $2::timestamptz
     and created_at < $3::timestamptz
     and first_touch ->> '${key}' is not null
   group by key
   order by leads desc, key
   limit $4`

const countCampaigns = unpreparedStatement('count_leads_by_campaign', countBy('campaign'))
const countLandingPages = unpreparedStatement('count_leads_by_landing_page', countBy('landingPage'))
