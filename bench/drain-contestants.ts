import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type pg from 'pg'
import { hasPeers, startRedis } from './peers.ts'
import { nodeCommand, startCommand, startServer } from './server-process.ts'
import { sized } from './sizes.ts'

export const deliveries = Number(process.env['DELIVERIES'] ?? sized({ whole: 8000, short: 500 }))
const key = 'bench-drain-key-0123456789-0123456789abc'

interface Parts {
  readonly sql: pg.Client
  readonly environment: Readonly<Record<string, string>>
  readonly receiver: string
}

interface Prepared {
  readonly environment: Readonly<Record<string, string>>
  readonly stop?: () => Promise<void>
}

/** Something that sends webhooks from a queue. */
export interface Contestant {
  readonly name: string
  readonly kind: 'rex' | 'library' | 'limit'
  /** Fills the queue, before the process is started. */
  prepare(parts: Parts): Promise<Prepared>
  readonly command: string
  /** Statement that counts what has a logged success. On a full machine attempts time out, and are repeated. */
  readonly logged: string
}

const jobsLogged = 'select count(distinct job_id)::int as count from job_log where status between 200 and 299'

/** Returns Rex, the limit, and the libraries that are installed (`npm ci --prefix bench/peers`). */
export async function contestants(): Promise<Contestant[]> {
  const ours = [rex(10, 100), rex(2, 10)]
  const limit: Contestant = {
    name: 'claim 200, POST, log 200: the limit',
    kind: 'limit',
    command: nodeCommand('claim-200.ts'),
    prepare: async (parts) => {
      await createJobs(parts)
      return { environment: {} }
    },
    logged: jobsLogged,
  }
  return [...ours, ...(hasPeers() ? [graphileWorker('no'), graphileWorker('yes'), bullmq] : []), limit]
}

/** Rex as `npm start` runs it, with so many endpoints that share the deliveries. */
function rex(endpoints: number, maxInFlight: number): Contestant {
  const settings = { REX_API_KEY: key, LOG_LEVEL: 'info', REX_KEY_RATE: '0' }
  return {
    name: `Rex, ${endpoints} endpoints, max_in_flight ${maxInFlight}`,
    kind: 'rex',
    command: startCommand(),
    logged: 'select count(distinct delivery_id)::int as count from attempt where error is null',
    prepare: async ({ sql, environment, receiver }) => {
      const process = await startServer(startCommand(), { ...environment, ...settings })
      for (let nth = 0; nth < endpoints; nth++) {
        const body = { url: `${receiver}/hook/${nth}`, events: ['contact.created'], max_in_flight: maxInFlight }
        const headers = { 'content-type': 'application/json', 'x-api-key': key }
        const register = () => fetch(`${process.url}/webhooks`, { method: 'POST', headers, body: JSON.stringify(body) })
        let response = await register()
        while (response.status === 503) response = await register() // A busy machine.
        if (!response.ok) throw new Error(`Expected an endpoint, got ${response.status}.`)
      }
      await process.stop()
      await insertDeliveries(sql, endpoints)
      return { environment: settings }
    },
  }
}

const body = JSON.stringify({
  id: 'evt_01HQ0000000000000000000000',
  event: 'contact.created',
  timestamp: '2026-03-16T12:00:01.000Z',
  data: {
    id: 'cont_01HQ0000000000000000000000',
    email: 'jane@example.com',
    first_name: 'Jane',
    metadata: { plan: 'pro' },
  },
})

/** Events that the fan-out has passed, with a delivery to each endpoint. */
async function insertDeliveries(sql: pg.Client, endpoints: number): Promise<void> {
  await sql.query(
    `insert into event (workspace_id, id, type, contact_id, body, created_at)
     select w.id, 'evt_' || lpad(nth::text, 26, '0'), 'contact.created', 'cont_' || lpad(nth::text, 26, '0'), $2, now()
     from workspace w
     cross join generate_series(1, $1::int) nth
     where w.slug = 'default'`,
    [deliveries / endpoints, body],
  )
  await sql.query(
    `insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, contact_id, next_attempt_at)
     select event.workspace_id, 'dlv_' || right(event.id, 13) || right(e.id, 13), e.id, event.id, event.position,
            event.contact_id, now()
     from event
     join webhook_endpoint e on e.workspace_id = event.workspace_id`,
  )
  await sql.query('update reader_position set position = (select max(position) from event)')
}

async function createJobs({ sql }: Parts): Promise<void> {
  await createLog({ sql })
  await sql.query(`create table job (id int primary key, body text not null, status text not null default 'due')`)
  await sql.query(`create index on job (id) where status = 'due'`)
  await sql.query('insert into job (id, body) select nth, $2 from generate_series(1, $1::int) nth', [deliveries, body])
}

/** The log of attempts, with the columns that any sender would keep. */
async function createLog({ sql }: Pick<Parts, 'sql'>): Promise<void> {
  await sql.query(
    `create table job_log (
       id bigserial primary key, job_id int not null, number int not null, status int, duration_ms int,
       response_body text, created_at timestamptz not null default now(), unique (job_id, number)
     )`,
  )
}

function graphileWorker(tuned: 'yes' | 'no'): Contestant {
  return {
    name: tuned === 'yes' ? 'graphile-worker, local queue and batches' : 'graphile-worker, 100 jobs at a time',
    kind: 'library',
    command: nodeCommand('peers/graphile-worker.js'),
    logged: jobsLogged,
    prepare: async ({ sql, environment }) => {
      await createLog({ sql })
      await runPeer('graphile-worker.js', { ...environment, MIGRATE_ONLY: 'yes' })
      await sql.query(
        `select graphile_worker.add_jobs(array(
           select json_populate_record(null::graphile_worker.job_spec, json_build_object(
             'identifier', 'send', 'payload', json_build_object('id', nth, 'body', $2::text)))
           from generate_series(1, $1::int) nth))`,
        [deliveries, body],
      )
      return { environment: { TUNED: tuned } }
    },
  }
}

const bullmq: Contestant = {
  name: 'BullMQ, 100 jobs at a time',
  kind: 'library',
  command: nodeCommand('peers/bullmq.js'),
  logged: jobsLogged,
  prepare: async ({ sql, environment }) => {
    await createLog({ sql })
    const redis = await startRedis()
    const settings = { REDIS_PORT: String(redis.port) }
    await runPeer('fill-bullmq.js', { ...environment, ...settings, COUNT: String(deliveries), BODY: body })
    return { environment: settings, stop: redis.stop }
  },
}

/** Runs a script of the peers to its end. */
async function runPeer(file: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const path = join(import.meta.dirname, 'peers', file)
  const child = spawn(process.execPath, [path], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${file} ended with ${code}.`)
}
