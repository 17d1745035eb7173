import express from 'express'
import { nodeWebhook } from 'rex-capture/verify'

const { REX_WEBHOOK_SECRET: secret, PORT = '4001' } = process.env
const app = express()

// In front of express.json(): the signature is over the raw body.
app.post('/', nodeWebhook({ secret }, (event) => console.log(`verified ${event.event} ${event.id}`)))

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`Receiving webhooks on http://127.0.0.1:${server.address().port}`)
})
