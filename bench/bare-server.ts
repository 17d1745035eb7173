import { createServer } from 'node:http'
import { listen, readBody, sendJson } from './json-server.ts'

/** Baseline for the cost of HTTP and JSON on this machine: reads the body, responds with 201, stores nothing. */
const server = createServer(async (request, response) => {
  const { email } = JSON.parse((await readBody(request)).toString('utf8'))
  sendJson(response, 201, { data: { id: 'cont_0', email } })
})
listen(server)
