import pg from 'pg'
import { Agent } from 'undici'

const url = process.env['DATABASE_URL']
const receiver = process.env['RECEIVER'] ?? ''
const batch = 200
const loops = 2

/** The limit: a bare queue table, 200 jobs claimed, posted and logged at a time, without any of the rules of Rex. */
const pool = new pg.Pool({ connectionString: url, max: loops })
const agent = new Agent({ pipelining: 1, keepAliveTimeout: 10_000 })

const logAndClaim = {
  name: 'log_and_claim',
  text: `with done as (
           update job set status = 'done' where id = any ($1::int[]) returning id
         ),
         logged as (
           insert into job_log (job_id, number, status, duration_ms, response_body)
           select id, 1, 200, 1, 'ok' from done
         )
         update job
         set status = 'claimed'
         where id = any (array(select id from job where status = 'due' order by id limit $2 for update skip locked))
         returning id, body`,
}

async function post(body: string): Promise<void> {
  const headers = ['content-type', 'application/json']
  const { body: answer } = await agent.request({ origin: receiver, path: '/hook', method: 'POST', headers, body })
  await answer.text()
}

async function drain(): Promise<void> {
  let done: number[] = []
  for (;;) {
    const { rows } = await pool.query<{ id: number; body: string }>({ ...logAndClaim, values: [done, batch] })
    if (rows.length === 0) return
    await Promise.all(rows.map(({ body }) => post(body)))
    done = rows.map(({ id }) => id)
  }
}

console.log(`Listens on ${receiver}`)
await Promise.all(Array.from({ length: loops }, drain))
setInterval(() => {}, 60_000) // Until it is stopped, like the others.
