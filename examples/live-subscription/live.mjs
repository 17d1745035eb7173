import { followEvents } from './follow-events.mjs'

const { REX_URL = 'http://127.0.0.1:4000', REX_API_KEY: apiKey, REX_AFTER: after } = process.env
if (!apiKey) {
  console.error('REX_API_KEY is not set. A key with EVENTS_READ is needed.')
  process.exit(1)
}

const url = new URL('/graphql', REX_URL.replace(/^http/, 'ws')).href
try {
  for await (const event of followEvents({ url, apiKey, after })) {
    if (event.id) console.log(`${event.createdAt} ${event.type} ${event.id} ${event.cursor}`)
    else console.log(`gap: ${event.reason}`)
  }
} catch (error) {
  console.error(error.message, error.cause)
  process.exit(1)
}
