import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { listen, readBody, sendJson } from './json-server.ts'

/** Limit of a fan-out with `ws`: no GraphQL, and one text per event, into which only the id of the operation is put. */
const subscribers = new Map<WebSocket, string>()
let contacts = 0

const server = createServer(async (request, response) => {
  const { first_name, last_name, ...lead } = JSON.parse((await readBody(request)).toString('utf8'))
  const id = `cont_${contacts++}`
  const contact = { id, ...lead, firstName: first_name, lastName: last_name }
  const contactCreated = { eventId: `evt_${id}`, occurredAt: new Date().toISOString(), contact }
  const text = JSON.stringify({ data: { contactCreated } })
  for (const [socket, operation] of subscribers) socket.send(`{"id":"${operation}","type":"next","payload":${text}}`)
  sendJson(response, 201, { data: contact })
})
const sockets = new WebSocketServer({ server, path: '/graphql', perMessageDeflate: false })
sockets.on('connection', (socket) => {
  socket.on('close', () => subscribers.delete(socket))
  socket.on('message', (data) => {
    const { type, id } = JSON.parse(String(data))
    if (type === 'connection_init') socket.send('{"type":"connection_ack"}')
    else if (id === 'q') socket.send('{"id":"q","type":"complete"}')
    else subscribers.set(socket, id)
  })
})
listen(server)
