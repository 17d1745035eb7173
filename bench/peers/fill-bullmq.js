import { Queue } from 'bullmq'
import { Redis } from 'ioredis'

const connection = new Redis(Number(process.env['REDIS_PORT']), '127.0.0.1', { maxRetriesPerRequest: null })
const count = Number(process.env['COUNT'])
const queue = new Queue('send', { connection })
for (let first = 0; first < count; first += 1000)
  await queue.addBulk(
    Array.from({ length: Math.min(1000, count - first) }, (_, nth) => ({
      name: 'send',
      data: { id: first + nth, body: process.env['BODY'] },
    })),
  )
await queue.close()
await connection.quit()
