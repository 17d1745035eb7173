import { createServer } from 'node:http'
import { listen, sendJson } from './json-server.ts'

let count = 0
let firstAt = 0

/** Receiver of webhooks that responds at once; GET returns how many came and when the first one did, DELETE starts anew. */
const server = createServer((request, response) => {
  if (request.method === 'GET') return sendJson(response, 200, { count, firstAt })
  if (request.method === 'DELETE') {
    count = 0
    firstAt = 0
    return response.end()
  }
  request.resume()
  request.on('end', () => {
    if (count++ === 0) firstAt = Date.now()
    response.end('ok')
  })
})
listen(server)
