import { backoffMs, sleep } from './backoff.ts'
import { type DocumentName, documents, type ResultOf, type VariablesOf } from './documents.js'
import { Refusal } from './refusal.ts'

export interface Api {
  /** Reads data; retries while the server cannot be reached. @throws Refusal */
  query<Name extends DocumentName>(name: Name, variables: VariablesOf<Name>): Promise<ResultOf<Name>>
  /** Changes data; retries only requests that the server has certainly not processed. @throws Refusal */
  mutate<Name extends DocumentName>(name: Name, variables: VariablesOf<Name>): Promise<ResultOf<Name>>
}

interface ApiParts {
  readonly key: string
  readonly signal: AbortSignal
  /** Called with the reason while a request is retried, and with an empty text afterwards. */
  readonly showMessage: (word: string) => void
  /** Called when the key is not valid, or no longer valid. */
  readonly onUnauthenticated: () => void
}

const transientCodes = ['RATE_LIMITED']
const transientReadCodes = [...transientCodes, 'UNREACHABLE', 'UNAVAILABLE']

/** Creates a client for the operations of this server, with a key. */
export function createApi(parts: ApiParts): Api {
  return {
    query: (name, variables) => requestWithRetry(parts, name, variables, transientReadCodes),
    mutate: (name, variables) => requestWithRetry(parts, name, variables, transientCodes).catch(throwUncertain),
  }
}

/** Adds to the error of a change without a response that it may have been done. */
function throwUncertain(error: unknown): never {
  if (!(error instanceof Refusal) || error.code !== 'UNREACHABLE') throw error
  throw new Refusal(error.code, `${error.message} Check whether the change was made before you try again.`)
}

async function requestWithRetry<Name extends DocumentName>(
  { key, signal, showMessage, onUnauthenticated }: ApiParts,
  name: Name,
  variables: VariablesOf<Name>,
  codes: readonly string[],
): Promise<ResultOf<Name>> {
  for (let tries = 0; ; tries++) {
    const outcome = await post<Name>(key, { query: documents[name], variables }, signal)
    if (signal.aborted) throw new Refusal('SIGNED_OUT', 'Signed out.')
    const isTransient = outcome.kind === 'refused' && codes.includes(outcome.refusal.code)
    if (tries > 0 && !isTransient) showMessage('')
    if (outcome.kind === 'answered') return outcome.data
    const { refusal, waitMs } = outcome
    if (refusal.code === 'UNAUTHENTICATED') onUnauthenticated()
    if (!isTransient) throw refusal
    showMessage(`${refusal.message} Trying again …`)
    await sleep(waitMs ?? backoffMs(tries), signal)
  }
}

type Outcome<Name extends DocumentName> =
  | { readonly kind: 'answered'; readonly data: ResultOf<Name> }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly waitMs?: number }

async function post<Name extends DocumentName>(key: string, body: object, signal: AbortSignal): Promise<Outcome<Name>> {
  try {
    const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': key }
    const response = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify(body), signal })
    return parseOutcome<Name>(response, await response.json())
  } catch {
    return { kind: 'refused', refusal: new Refusal('UNREACHABLE', 'Rex cannot be reached.') }
  }
}

/** Parses a response: GraphQL failures are in `errors`, a failure before GraphQL is in `error`. */
function parseOutcome<Name extends DocumentName>(response: Response, json: unknown): Outcome<Name> {
  const { data, errors, error } = json as {
    data?: ResultOf<Name>
    errors?: { message: string; extensions?: { code?: string } }[]
    error?: { code: string; message: string }
  }
  const [first] = errors ?? []
  if (first === undefined && error === undefined && data) return { kind: 'answered', data }
  const code = first?.extensions?.code ?? error?.code.toUpperCase() ?? 'INTERNAL'
  const refusal = new Refusal(code, first?.message ?? error?.message ?? 'The server sent an unexpected response.')
  const seconds = Number(response.headers.get('retry-after'))
  return { kind: 'refused', refusal, ...(seconds > 0 && { waitMs: seconds * 1000 }) }
}
