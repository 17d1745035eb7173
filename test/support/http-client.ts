import { request } from 'node:http'

export interface Sent {
  readonly method?: string
  readonly path?: string
  /** A list is sent as that many headers; `host` may be any. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Buffer
}

/** An answer with its JSON parsed, as far as it is JSON. */
export interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
  // What comes back is JSON of many shapes; tests compare it.
  readonly json: { data?: Record<string, unknown>; error?: Record<string, unknown>; page?: Record<string, unknown> }
}

/** One request on a connection of its own, with the headers that fetch does not let through. */
export function send(url: string, { method = 'GET', path = '/', headers = {}, body }: Sent): Promise<Received> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const outgoing = request({ hostname, port, method, path, agent: false }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        const isJson = incoming.headers['content-type']?.startsWith('application/json') && text !== ''
        const received = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])
        const json = isJson ? JSON.parse(text) : {}
        resolve({ status: incoming.statusCode ?? 0, headers: Object.fromEntries(received), text, json })
      })
    })
    outgoing.on('error', reject)
    for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value)
    outgoing.end(body)
  })
}

export function sendJson(url: string, path: string, body: unknown, headers: Sent['headers'] = {}): Promise<Received> {
  return send(url, {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}
