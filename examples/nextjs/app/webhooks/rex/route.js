import { webhookHandler } from 'rex-capture/verify'

// It uses node:crypto.
export const runtime = 'nodejs'

export const POST = webhookHandler({ secret: process.env.REX_WEBHOOK_SECRET }, async (event) => {
  if (event.event === 'contact.created') console.log(`verified ${event.event} ${event.id}`)
})
