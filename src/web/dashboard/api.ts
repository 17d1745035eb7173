import { type DocumentName, documents, type ResultOf, type VariablesOf } from './documents.js'
import { backoffMs, pause } from './pause.ts'
import { Refusal } from './refusal.ts'

export interface Api {
  /** Reads; tries again for as long as the server cannot be reached. @throws Refusal */
  ask<Name extends DocumentName>(name: Name, variables: VariablesOf<Name>): Promise<ResultOf<Name>>
  /** Changes something; tries again only what has certainly not been taken. @throws Refusal */
  change<Name extends DocumentName>(name: Name, variables: VariablesOf<Name>): Promise<ResultOf<Name>>
}

interface ApiParts {
  readonly key: string
  readonly signal: AbortSignal
  /** Told what is being waited for, and with an empty text that it is over. */
  readonly tell: (word: string) => void
  /** Called when the key is not taken, or no longer. */
  readonly onUnauthenticated: () => void
}

const passing = ['RATE_LIMITED']
const passingForReads = [...passing, 'UNREACHABLE', 'UNAVAILABLE']

/** The operations of this server, with a key. */
export function createApi(parts: ApiParts): Api {
  return {
    ask: (name, variables) => untilAnswered(parts, name, variables, passingForReads),
    change: (name, variables) => untilAnswered(parts, name, variables, passing).catch(throwUnsure),
  }
}

/** What got no answer may have been done. */
function throwUnsure(error: unknown): never {
  if (!(error instanceof Refusal) || error.code !== 'UNREACHABLE') throw error
  throw new Refusal(error.code, `${error.message} Look whether it was done before you try again.`)
}

async function untilAnswered<Name extends DocumentName>(
  { key, signal, tell, onUnauthenticated }: ApiParts,
  name: Name,
  variables: VariablesOf<Name>,
  codes: readonly string[],
): Promise<ResultOf<Name>> {
  for (let tries = 0; ; tries++) {
    const outcome = await post<Name>(key, { query: documents[name], variables }, signal)
    if (signal.aborted) throw new Refusal('SIGNED_OUT', 'Signed out.')
    const isPassing = outcome.kind === 'refused' && codes.includes(outcome.refusal.code)
    if (tries > 0 && !isPassing) tell('')
    if (outcome.kind === 'answered') return outcome.data
    const { refusal, waitMs } = outcome
    if (refusal.code === 'UNAUTHENTICATED') onUnauthenticated()
    if (!isPassing) throw refusal
    tell(`${refusal.message} Trying again …`)
    await pause(waitMs ?? backoffMs(tries), signal)
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

/** Failures of the whole are in `errors`; a failure before GraphQL is in `error`. */
function parseOutcome<Name extends DocumentName>(response: Response, json: unknown): Outcome<Name> {
  const { data, errors, error } = json as {
    data?: ResultOf<Name>
    errors?: { message: string; extensions?: { code?: string } }[]
    error?: { code: string; message: string }
  }
  const [first] = errors ?? []
  if (first === undefined && error === undefined && data) return { kind: 'answered', data }
  const code = first?.extensions?.code ?? error?.code.toUpperCase() ?? 'INTERNAL'
  const refusal = new Refusal(code, first?.message ?? error?.message ?? 'The answer is not one of GraphQL.')
  const seconds = Number(response.headers.get('retry-after'))
  return { kind: 'refused', refusal, ...(seconds > 0 && { waitMs: seconds * 1000 }) }
}
