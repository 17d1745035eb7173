import { createServer } from 'node:http'
import { answerJson, listen, readBody } from './json-server.ts'

/** What HTTP and JSON alone cost on this machine: reads the body, answers 201, keeps nothing. */
const server = createServer(async (request, response) => {
  const { email } = JSON.parse((await readBody(request)).toString('utf8'))
  answerJson(response, 201, { data: { id: 'cont_0', email } })
})
listen(server)
