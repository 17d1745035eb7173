import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
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
async function send({ data }) {
  const { statusCode, body } = await request(`${receiver}/hook`, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: data.body,
  })
  await pool.query({ ...insert, values: [data.id, statusCode, await body.text()] })
}

const connection = new Redis(Number(process.env['REDIS_PORT']), '127.0.0.1', { maxRetriesPerRequest: null })
new Worker('send', send, { connection, concurrency: 100 })
console.log(`Listens on ${receiver}`)
