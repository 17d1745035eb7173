import fastify from 'fastify'
import { fastifyWebhook } from 'rex-capture/verify'

const { REX_WEBHOOK_SECRET: secret, PORT = '4001' } = process.env
const app = fastify()

// A plugin has its own parser of bodies: other routes go on reading JSON.
app.register(fastifyWebhook({ secret }, (event) => console.log(`verified ${event.event} ${event.id}`)))

const url = await app.listen({ host: '127.0.0.1', port: Number(PORT) })
console.log(`Receiving webhooks on ${url}`)
