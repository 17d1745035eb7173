import { dropOldToken, type Lead } from './lead.ts'
import { openStorage } from './storage.ts'

/** A lead that is being sent. */
interface Entry {
  readonly url: string
  readonly lead: Lead
  /** Number of failed attempts. */
  tries: number
}

type Answer = Pick<Response, 'ok' | 'status' | 'json'>

/** Called with the final response, or with null after a failed attempt: the lead is stored for a retry. */
export type Settle = (answer: Answer | null) => unknown

const prefix = 'rex:'
const maxStored = 20
/** Statuses that mean that the lead itself is invalid; other failures may be temporary, such as a wrong server setup. */
const finalStatuses = [400, 405, 409, 413, 415, 422]
const dayMs = 86_400_000
const firstWaitMs = 5000
let storage = openStorage('localStorage')
const inFlight = new Map<string, Entry>()
const callbacks = new Map<string, Settle>()
let waitMs = firstWaitMs
let timer = 0

/** Sends a lead, now or once it is possible; `settle` is called while the page exists. */
export function sendLead(url: string, lead: Lead, settle: Settle): void {
  const key = crypto.getRandomValues(new Uint32Array(4)).join('-')
  const name = `${prefix}${Date.now()}:${key}`
  callbacks.set(name, settle)
  void deliver(name, { url, lead: { ...lead, _idempotency_key: key }, tries: 0 })
}

/** Sends the leads stored by earlier pages, and stores the leads in flight when this page ends. */
export function openOutbox(): void {
  addEventListener('online', () => {
    waitMs = firstWaitMs
    sendStored()
  })
  addEventListener('pagehide', () => {
    for (const [name, entry] of inFlight) store(name, entry)
  })
  sendStored()
}

/** Sends all stored leads. Other tabs may do the same: the idempotency key makes it one submission. */
export function sendStored(): void {
  clearTimeout(timer)
  timer = 0
  for (const name of storedNames()) {
    const entry = parseEntry(storage[name])
    // A lead that was in flight when its page ended has usually arrived, and after a day Rex has forgotten its key.
    const maxAgeMs = entry?.tries ? 7 * dayMs : dayMs
    if (entry && Date.now() - Number.parseInt(name.slice(prefix.length), 10) < maxAgeMs) void deliver(name, entry)
    else delete storage[name]
  }
}

async function deliver(name: string, entry: Entry): Promise<void> {
  if (inFlight.has(name)) return
  inFlight.set(name, entry)
  const answer = await post(entry)
  inFlight.delete(name)
  const settle = callbacks.get(name)
  if (answer && (answer.ok || finalStatuses.includes(answer.status))) {
    delete storage[name]
    settle?.(answer)
  } else {
    if (navigator.onLine || !entry.tries) entry.tries++
    store(name, entry)
    settle?.(null)
    scheduleRetry()
  }
}

/** Posts a lead as text, which needs no preflight, like a beacon. Returns undefined if the server cannot be reached. */
async function post({ url, lead }: Entry): Promise<Answer | undefined> {
  dropOldToken(lead)
  const body = JSON.stringify(lead)
  let answer: Promise<Response>
  try {
    answer = fetch(url, { method: 'POST', body, keepalive: true, credentials: 'omit' })
  } catch {
    // A beacon has no response: a beacon that the browser has accepted counts as sent.
    return navigator.sendBeacon(url, body) ? { ok: true, status: 202, json: async () => ({}) } : undefined
  }
  return answer.catch(() => undefined)
}

function store(name: string, entry: Entry): void {
  const names = storedNames()
  if (names.length >= maxStored) delete storage[names[0] ?? '']
  try {
    storage[name] = JSON.stringify(entry)
  } catch {
    storage = { ...storage, [name]: JSON.stringify(entry) } // The storage is full, so the lead stays in the memory of this page.
  }
}

/** Returns the names of stored leads, the oldest first. */
function storedNames(): string[] {
  return Object.keys(storage)
    .filter((name) => name.startsWith(prefix))
    .sort()
}

function parseEntry(text = ''): Entry | undefined {
  try {
    return JSON.parse(text) as Entry
  } catch {
    return undefined
  }
}

function scheduleRetry(): void {
  if (timer) return
  timer = setTimeout(sendStored, waitMs)
  waitMs = Math.min(waitMs * 2, 3_600_000)
}
