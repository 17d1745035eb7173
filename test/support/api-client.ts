import type { TestApp } from './test-app.ts'

type Json = Record<string, unknown>

/** An answer, parsed. */
interface Answer {
  readonly status: number
  readonly headers: Headers
  // What callers get is JSON of many shapes; tests compare it.
  readonly json: { data?: Json & Json[]; error?: { code: string; message: string; fields?: unknown }; page?: Json }
}

export interface ApiClient {
  capture(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  createEndpoint(body: unknown): Promise<{ id: string; secret: string }>
  rest(method: string, path: string, body?: unknown): Promise<Answer>
  graphql(query: string, variables?: unknown): Promise<Json>
}

/** What a caller with a key does, over real HTTP. */
export function createApiClient({ url, key }: Pick<TestApp, 'url' | 'key'>): ApiClient {
  const send = async (method: string, path: string, body: unknown, headers: Readonly<Record<string, string>>) => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) }
    const typed = body === undefined ? {} : { 'content-type': 'application/json' }
    const response = await fetch(url + path, { method, headers: { ...typed, ...headers }, ...init })
    const text = await response.text()
    return { status: response.status, headers: response.headers, json: text === '' ? {} : JSON.parse(text) }
  }
  const rest = (method: string, path: string, body?: unknown) => send(method, path, body, { 'x-api-key': key })
  return {
    capture: (body, headers = {}) => send('POST', '/capture', body, headers),
    createEndpoint: async (body) => {
      const { status, json } = await rest('POST', '/webhooks', body)
      if (status !== 201) throw new Error(`An endpoint was not made: ${status} ${JSON.stringify(json)}`)
      return json.data as unknown as { id: string; secret: string }
    },
    rest,
    graphql: async (query, variables) => {
      const { json } = await rest('POST', '/graphql', { query, variables })
      return json as Json
    },
  }
}
