import { createServer } from 'node:http'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import pg from 'pg'
import { Agent, request } from 'undici'

const receivers = process.env['RECEIVERS'].split(',')
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 20 })
pool.on('error', () => {}) // The database is dropped while it is connected.
await pool.query(`
  create table contact (id bigserial primary key, email text unique not null, body jsonb not null);
  create table job_log (id bigserial primary key, job_id text not null, status int, response_body text)`)
const insertContact = { name: 'contact', text: 'insert into contact (email, body) values ($1, $2) returning id' }
const insertLog = { name: 'log', text: 'insert into job_log (job_id, status, response_body) values ($1, $2, $3)' }
const dispatcher = new Agent({ pipelining: 1, keepAliveTimeout: 10_000 })
const connect = () => new Redis(Number(process.env['REDIS_PORT']), '127.0.0.1', { maxRetriesPerRequest: null })
const queue = new Queue('send', { connection: connect() })

/** A webhook as one would write it with the library: a job is a POST, whose attempt is logged. */
async function send({ id, data }) {
  const { statusCode, body } = await request(data.url, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: data.body,
  })
  await pool.query({ ...insertLog, values: [id, statusCode, await body.text()] })
}

/** Stores a lead, adds a job for each receiver, and responds. */
async function capture(incoming, response) {
  const chunks = []
  for await (const chunk of incoming) chunks.push(chunk)
  const lead = JSON.parse(Buffer.concat(chunks).toString())
  const { rows } = await pool.query({ ...insertContact, values: [lead.email, lead] })
  const body = JSON.stringify({ event: 'contact.created', data: { id: rows[0].id, ...lead } })
  await queue.addBulk(receivers.map((url) => ({ name: 'send', data: { url, body } })))
  response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ id: rows[0].id }))
}

new Worker('send', send, { connection: connect(), concurrency: 100 })
const server = createServer((incoming, response) => void capture(incoming, response))
server.listen(0, '127.0.0.1', () => console.log(`Listens on http://127.0.0.1:${server.address().port}`))
process.on('SIGTERM', () => process.exit())
