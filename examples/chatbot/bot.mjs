import http from 'node:http'

const { REX_URL = 'http://127.0.0.1:4000', REX_API_KEY, PORT = '4003' } = process.env
const emailIn = (text) => /[^\s<>@,;]+@[^\s<>@,;]+\.[a-z]{2,}/i.exec(text)?.[0]

/** Answers a message of a visitor: `{ conversation: 'c-1', text: 'I am jane@example.com' }`. */
async function reply({ conversation, text }) {
  const email = emailIn(text)
  if (!email) return 'Happy to help. What is your e-mail address?'
  const response = await fetch(`${REX_URL}/capture`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      // The chat tool may send a message twice: with the same key it is one lead.
      'idempotency-key': `${conversation}-${email}`,
      ...(REX_API_KEY && { 'x-api-key': REX_API_KEY }),
    },
    body: JSON.stringify({ email, source: 'chatbot', metadata: { conversation, message: text } }),
  })
  return response.ok ? 'Thank you. We will write to you soon.' : 'This address does not work. Is it right?'
}

async function readJson(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}

const server = http.createServer(async (request, response) => {
  try {
    const text = await reply(await readJson(request))
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ text }))
  } catch (error) {
    console.error(error.message)
    response.writeHead(500).end()
  }
})

server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`Chatting on http://127.0.0.1:${server.address().port}`)
})
