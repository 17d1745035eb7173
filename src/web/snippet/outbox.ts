import { dropOldToken, type Lead } from './lead.ts'
import { openBox } from './storage.ts'

/** A lead on its way. */
interface Entry {
  readonly url: string
  readonly lead: Lead
  /** How often it could not be sent. */
  tries: number
}

type Answer = Pick<Response, 'ok' | 'status' | 'json'>

/** Receives the answer that ends the sending, or null after a try that failed: the lead is kept for another. */
export type Settle = (answer: Answer | null) => unknown

const prefix = 'rex:'
const maxKept = 20
/** These say that the lead itself is at fault; whatever else fails may pass, such as a server that is set up wrong. */
const finalStatuses = [400, 405, 409, 413, 415, 422]
const dayMs = 86_400_000
const firstWaitMs = 5000
let box = openBox('localStorage')
const busy = new Map<string, Entry>()
const settles = new Map<string, Settle>()
let waitMs = firstWaitMs
let timer = 0

/** Sends a lead, now or when that is possible again; `settle` is told as long as the page lives. */
export function sendLead(url: string, lead: Lead, settle: Settle): void {
  const key = crypto.getRandomValues(new Uint32Array(4)).join('-')
  const name = `${prefix}${Date.now()}:${key}`
  settles.set(name, settle)
  void deliver(name, { url, lead: { ...lead, _idempotency_key: key }, tries: 0 })
}

/** Goes on with what is left from before, and with what this page could not send when it ends. */
export function openOutbox(): void {
  addEventListener('online', () => {
    waitMs = firstWaitMs
    sendKept()
  })
  addEventListener('pagehide', () => {
    for (const [name, entry] of busy) keep(name, entry)
  })
  sendKept()
}

/** Tries all that is kept. Other tabs may do the same: the key makes it one submission. */
export function sendKept(): void {
  clearTimeout(timer)
  timer = 0
  for (const name of keptNames()) {
    const entry = parseEntry(box[name])
    // What a page left behind in flight has mostly arrived, and a day later Rex no longer knows its key.
    const maxAgeMs = entry?.tries ? 7 * dayMs : dayMs
    if (entry && Date.now() - Number.parseInt(name.slice(prefix.length), 10) < maxAgeMs) void deliver(name, entry)
    else delete box[name]
  }
}

async function deliver(name: string, entry: Entry): Promise<void> {
  if (busy.has(name)) return
  busy.set(name, entry)
  const answer = await post(entry)
  busy.delete(name)
  const settle = settles.get(name)
  if (answer && (answer.ok || finalStatuses.includes(answer.status))) {
    delete box[name]
    settle?.(answer)
  } else {
    if (navigator.onLine || !entry.tries) entry.tries++
    keep(name, entry)
    settle?.(null)
    tryLater()
  }
}

/** Text, which needs no preflight and is the very same as a beacon. `undefined` when nobody can be reached. */
async function post({ url, lead }: Entry): Promise<Answer | undefined> {
  dropOldToken(lead)
  const body = JSON.stringify(lead)
  let answer: Promise<Response>
  try {
    answer = fetch(url, { method: 'POST', body, keepalive: true, credentials: 'omit' })
  } catch {
    // A beacon tells no answer: what the browser has taken counts as sent.
    return navigator.sendBeacon(url, body) ? { ok: true, status: 202, json: async () => ({}) } : undefined
  }
  return answer.catch(() => undefined)
}

function keep(name: string, entry: Entry): void {
  const names = keptNames()
  if (names.length >= maxKept) delete box[names[0] ?? '']
  try {
    box[name] = JSON.stringify(entry)
  } catch {
    box = { ...box, [name]: JSON.stringify(entry) } // The storage is full: as long as this page lives, then.
  }
}

/** The oldest first. */
function keptNames(): string[] {
  return Object.keys(box)
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

function tryLater(): void {
  if (timer) return
  timer = setTimeout(sendKept, waitMs)
  waitMs = Math.min(waitMs * 2, 3_600_000)
}
