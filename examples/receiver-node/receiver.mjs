import crypto from 'node:crypto'
import http from 'node:http'

const secret = process.env.REX_WEBHOOK_SECRET
const port = Number(process.env.PORT ?? 4001)
const maxBodyBytes = 1_048_576

if (!secret) {
  console.error('REX_WEBHOOK_SECRET is not set. Rex showed it once, when the endpoint was registered.')
  process.exit(1)
}

// biome-ignore-start format: this function is the published one, to the byte.
// biome-ignore-start lint: this function is the published one, to the byte.
function verifyWebhook(payload, signature, secret) {
  const [tPart, vPart] = signature.split(",");
  const timestamp = tPart.replace("t=", "");
  const expected = vPart.replace("v1=", "");
  const signed = crypto.createHmac("sha256", secret).update(`${timestamp}.${payload}`).digest("hex");
  return crypto.timingSafeEqual(Buffer.from(signed), Buffer.from(expected));
}
// biome-ignore-end lint: end of the published function.
// biome-ignore-end format: end of the published function.

// The published function takes a signature of any age, and throws when the lengths differ. This one returns false then:
// an old request that somebody recorded verifies for ever, and only its time gives it away.
// biome-ignore-start format: this function is that of docs/webhooks.md, to the byte.
// biome-ignore-start lint: this function is that of docs/webhooks.md, to the byte.
function verifyRecentWebhook(payload, signature, secret) {
  const [, timestamp, expected] = /^t=(\d+),v1=([0-9a-f]+)(?:,|$)/.exec(signature ?? "") ?? [];
  if (expected === undefined || Math.abs(Date.now() / 1000 - timestamp) > 300) return false;
  const signed = crypto.createHmac("sha256", secret).update(`${timestamp}.`).update(payload).digest("hex");
  return signed.length === expected.length && crypto.timingSafeEqual(Buffer.from(signed), Buffer.from(expected));
}
// biome-ignore-end lint: end of the function of docs/webhooks.md.
// biome-ignore-end format: end of the function of docs/webhooks.md.

// Delivery is at least once: the same event may come again, with the same id.
const seenIds = new Set()

function isRepeated(id) {
  if (seenIds.has(id)) return true
  seenIds.add(id)
  if (seenIds.size > 10_000) seenIds.delete(seenIds.values().next().value)
  return false
}

async function readBody(request) {
  const chunks = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function receive(request) {
  if (request.method !== 'POST') return 405
  // The raw bytes: parsing and printing again would not give the bytes that were signed.
  const payload = await readBody(request)
  if (!payload) return 413
  if (!verifyRecentWebhook(payload, request.headers['x-rex-signature'], secret)) return 401
  const event = JSON.parse(payload.toString('utf8'))
  console.log(`${isRepeated(event.id) ? 'repeated' : 'verified'} ${event.event} ${event.id}`)
  return 204
}

const server = http.createServer((request, response) => {
  receive(request).then(
    (status) => response.writeHead(status).end(),
    () => response.writeHead(400).end(),
  )
})

server.listen(port, '127.0.0.1', () => {
  console.log(`Receiving webhooks on http://127.0.0.1:${server.address().port}`)
})
