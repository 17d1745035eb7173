import { followEvents } from 'rex-capture/live'

const { REX_URL: url = 'http://127.0.0.1:4000', REX_API_KEY: apiKey, REX_AFTER: after } = process.env
if (!apiKey) {
  console.error('REX_API_KEY is not set. A key with EVENTS_READ is needed.')
  process.exit(1)
}

try {
  for await (const item of followEvents({ url, apiKey, after })) {
    if (item.kind === 'event') console.log(`${item.createdAt} ${item.type} ${item.id} ${item.cursor}`)
    else console.log(`gap: ${item.reason}`)
  }
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
