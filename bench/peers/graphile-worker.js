import { run, runMigrations } from 'graphile-worker'
import pg from 'pg'
import { Agent, request } from 'undici'

const receiver = process.env['RECEIVER']
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 20 })
pool.on('error', () => {}) // The database is dropped while it is connected.
const dispatcher = new Agent({ pipelining: 1, keepAliveTimeout: 10_000 })
const insert = {
  name: 'log',
  text: `insert into job_log (job_id, number, status, duration_ms, response_body) values ($1, 1, $2, 1, $3)`,
}

/** A webhook as one would write it with the library: a job is a POST, whose attempt is logged. */
async function send(payload) {
  const { statusCode, body } = await request(`${receiver}/hook`, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: payload.body,
  })
  await pool.query({ ...insert, values: [payload.id, statusCode, await body.text()] })
}

if (process.env['MIGRATE_ONLY'] === 'yes') {
  await runMigrations({ pgPool: pool })
  await pool.end()
} else {
  // The options that its manual gives for throughput; without them it claims and completes job by job.
  const tuned = { completeJobBatchDelay: 0, failJobBatchDelay: 0, localQueue: { size: 500 } }
  const worker = { concurrentJobs: 100, ...(process.env['TUNED'] === 'yes' && tuned) }
  await run({ pgPool: pool, noHandleSignals: true, taskList: { send }, preset: { worker } })
  console.log(`Listens on ${receiver}`)
}
