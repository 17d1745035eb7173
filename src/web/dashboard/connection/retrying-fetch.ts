import { backoffMs, sleep } from './backoff.ts'

interface RetryParts {
  /** Ends all waiting when the session ends. */
  readonly signal: AbortSignal
  /** Called with the reason while a request is retried, and with an empty text afterwards. */
  readonly showNotice: (message: string) => void
}

/** Reads are retried while the server cannot be reached or is busy. */
const readStatuses = [429, 502, 503, 504]
/** Changes are retried only if the server rejected them before they began. */
const changeStatuses = [429]

/** Returns a `fetch` for reads, which retries until the server responds. */
export function createReadFetch(parts: RetryParts): typeof fetch {
  return (input, init) => fetchWithRetry(parts, () => fetch(input, init), readStatuses)
}

/** Returns a `fetch` for changes: one without a response may have been made, so it is not repeated. */
export function createChangeFetch(parts: RetryParts): typeof fetch {
  const once = async (input: RequestInfo | URL, init?: RequestInit) => {
    try {
      return await fetch(input, init)
    } catch {
      throw new Error('Rex cannot be reached. Check whether the change was made before you try again.')
    }
  }
  return (input, init) => fetchWithRetry(parts, () => once(input, init), changeStatuses)
}

async function fetchWithRetry(
  { signal, showNotice }: RetryParts,
  request: () => Promise<Response>,
  statuses: readonly number[],
): Promise<Response> {
  const retriesLost = statuses === readStatuses
  for (let tries = 0; ; tries++) {
    const response = await request().catch((error: unknown) => {
      if (!retriesLost || signal.aborted || isAbort(error)) throw error
      return undefined
    })
    if (response !== undefined && !statuses.includes(response.status)) {
      if (tries > 0) showNotice('')
      return response
    }
    showNotice(`${reasonOf(response)} Trying again …`)
    await sleep(waitMsOf(response) ?? backoffMs(tries), signal)
    if (signal.aborted) throw new DOMException('Signed out.', 'AbortError')
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

function reasonOf(response: Response | undefined): string {
  if (response === undefined) return 'Rex cannot be reached.'
  return response.status === 429 ? 'Too many requests.' : 'Rex is not available.'
}

function waitMsOf(response: Response | undefined): number | undefined {
  const seconds = Number(response?.headers.get('retry-after'))
  return seconds > 0 ? seconds * 1000 : undefined
}
