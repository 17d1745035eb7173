import { secretBox } from './webhook-parts.ts'

type Sql = (text: string, values?: readonly (string | number | null)[]) => Promise<unknown>

/** So many endpoints in one statement, the way `createEndpoints` would make them, but for their secrets. */
export async function insertEndpoints(
  sql: Sql,
  workspaceId: string,
  count: number,
  { url = 'http://127.0.0.1:9/', status = 'ENABLED', prefix = 'many' } = {},
): Promise<void> {
  await sql(
    `insert into webhook_endpoint (workspace_id, id, url, events, secret, secret_hint, status)
     select $1::text, 'wh_' || $5::text || lpad(nth::text, 22, '0'), $3::text || nth, '{contact.created}', $6::text, 'x',
            $4::text::webhook_endpoint_status
     from generate_series(1, $2::int) nth`,
    [workspaceId, count, url, status, prefix, secretBox.seal('no endpoint can open this', nobody)],
  )
}

const nobody = { workspaceId: 'nobody', id: 'nobody' }

/** So many events of contacts of their own in one statement. */
export async function insertEvents(sql: Sql, workspaceId: string, count: number, contactId: string | null = null) {
  await sql(
    `insert into event (workspace_id, id, type, contact_id, body, created_at)
     select $1::text, 'evt_' || $1::text || lpad(nth::text, 8, '0') || coalesce($3::text, ''), 'contact.created',
            coalesce($3::text, 'cont_' || nth), '{"data":{}}', now()
     from generate_series(1, $2::int) nth`,
    [workspaceId, count, contactId],
  )
}
