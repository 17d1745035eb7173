import type { CliError } from '../frame/cli-error.ts'
import { notRex, refused, unreachable } from './api-failures.ts'
import type { Operation } from './document.ts'

/** Server that a command talks to, and the key that it sends; undefined: none is known. */
export interface Connection {
  readonly url: string
  readonly apiKey: string | undefined
}

/** Public API of a server, as a command uses it. All methods throw CliError. */
export interface Api extends Connection {
  /** Executes a query or a mutation and returns its data. */
  execute<Data, Variables>(operation: Operation<Data, Variables>, variables: Variables): Promise<Data>
  /** Sends a JSON body to a path of the REST part and returns the `data` of the response. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<unknown>
}

const timeoutMs = 30_000

/** Creates a client for one server and, if it has one, with a key. */
export function createApi({ url, apiKey }: Connection): Api {
  const send = async (path: string, body: unknown, headers: Readonly<Record<string, string>>): Promise<Response> => {
    const key = apiKey === undefined ? {} : { 'x-api-key': apiKey }
    try {
      return await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...key, ...headers },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
        redirect: 'error', // A key is sent to no other address.
      })
    } catch (error) {
      throw unreachable(url, error)
    }
  }
  return {
    url,
    apiKey,
    execute: async (operation, variables) => {
      const response = await send('/graphql', { query: operation.toString(), variables }, {})
      return parseData(await readAnswer(url, response))
    },
    post: async (path, body, headers = {}) => {
      const { data } = await readAnswer(url, await send(path, body, headers))
      return data
    },
  }
}

interface Answer<Data> {
  readonly data: Data | null | undefined
}

interface AnswerJson {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
  readonly error?: {
    readonly code: string
    readonly message: string
    readonly fields?: readonly { readonly path: string; readonly message: string }[]
  }
}

/** Reads a response of REST (`error`) or of GraphQL (`errors`). @throws CliError */
async function readAnswer(url: string, response: Response): Promise<Answer<unknown>> {
  const json = parseAnswer(await response.text().catch(() => ''))
  const failure = json && failureOf(json)
  if (failure) throw failure
  if (json === undefined || !response.ok) throw notRex(url, response.status)
  return { data: json.data }
}

function failureOf({ errors = [], error }: AnswerJson): CliError | undefined {
  const [first] = errors
  if (first) return refused({ code: first.extensions?.code ?? 'INTERNAL', message: first.message })
  return error && refused(error)
}

function parseAnswer(text: string): AnswerJson | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null ? json : undefined
  } catch {
    return undefined
  }
}

/** Gives the data of an operation the type that was generated for it. */
function parseData<Data>({ data }: Answer<unknown>): Data {
  return data as Data
}
