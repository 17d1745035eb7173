import type { LeadFragment, LeadsQuery } from '../../../../../generated/graphql/graphql.ts'
import { throttleTrailing } from '../../../connection/backoff.ts'
import { createStore } from '../../../connection/store.ts'
import { isAbove, type LeadRows, noRows, without, withRows, withUpdates, withWaiting } from './lead-rows.ts'

type Page = LeadsQuery['contacts']

/** Change of one lead, as the log tells it. */
type LeadChange =
  | { readonly kind: 'changed'; readonly lead: LeadFragment }
  | { readonly kind: 'erased'; readonly id: string }

export interface LeadListState extends LeadRows {
  /** Number of leads that wait, also of those that are not kept. */
  readonly waitingCount: number
  readonly total: Page['totalCount'] | undefined
  readonly hasMore: boolean
  /** False until the first page is read. */
  readonly isRead: boolean
  readonly problem: string | undefined
}

interface LeadListParts {
  readonly readPage: (after: string | undefined) => Promise<Page>
  /** Only the server knows which leads a filter finds. */
  readonly isFiltered: boolean
  /** Returns whether new rows would move what somebody reads. */
  readonly isBeingRead: () => boolean
}

const flushMs = 100
const readTopMs = 1000
/** Leads above the list that are kept; beyond them the list is read again. */
const maxArrived = 500
/** New leads within a second that are shown at once; nobody can read rows that pass faster. */
const readablePerSecond = 60

const initial: LeadListState = {
  ...noRows,
  waitingCount: 0,
  total: undefined,
  hasMore: false,
  isRead: false,
  problem: undefined,
}

/** The list of leads that match a filter, which follows the log. */
export class LeadList {
  readonly state = createStore<LeadListState>(initial)
  readonly #parts: LeadListParts
  readonly #erased = new Set<string>()
  #changes: LeadChange[] = []
  #endCursor: string | undefined
  /** Counts the reads: a page of an earlier one is too old. */
  #turn = 0
  #isReading = false
  #arrived = 0
  readonly #pace = { since: 0, count: 0 }

  constructor(parts: LeadListParts) {
    this.#parts = parts
  }

  /** Notes a change; many of them are shown at once. */
  apply(change: LeadChange): void {
    this.#changes.push(change)
    this.#flushSoon()
  }

  /** Shows the leads that wait. */
  show(): void {
    const now = this.state.get()
    if (now.waitingCount > now.waiting.size) this.reload()
    else this.#set({ ...withRows(now, [...now.waiting.values()]), waitingCount: 0 })
  }

  /** Sets the stage of rows before the log tells of it. */
  setStage(ids: ReadonlySet<string>, stage: string): void {
    const rows = this.state.get().rows.map((lead) => (ids.has(lead.id) ? { ...lead, stage } : lead))
    this.#set({ rows })
  }

  replace(lead: LeadFragment): void {
    this.#set(withUpdates(this.state.get(), new Map([[lead.id, lead]])))
  }

  /** Reads the list again from its start. */
  reload(): void {
    void this.#read(undefined, ({ nodes, pageInfo, totalCount }) => {
      this.#arrived = 0
      const rows = withRows(noRows, nodes.filter(this.#isKept))
      this.#set({ ...initial, ...rows, total: totalCount, hasMore: pageInfo.hasNextPage, isRead: true })
    })
  }

  loadMore(): void {
    const { hasMore, problem } = this.state.get()
    if (this.#isReading || !hasMore || problem !== undefined) return
    void this.#read(this.#endCursor, ({ nodes, pageInfo }) => {
      const rows = withRows(this.state.get(), nodes.filter(this.#isKept))
      this.#set({ ...rows, hasMore: pageInfo.hasNextPage })
    })
  }

  #set(part: Partial<LeadListState>): void {
    this.state.set({ ...this.state.get(), ...part })
  }

  readonly #isKept = ({ id }: LeadFragment) => !this.#erased.has(id)

  async #read(after: string | undefined, use: (page: Page) => void): Promise<void> {
    const mine = ++this.#turn
    this.#isReading = true
    try {
      const page = await this.#readRows(after, mine)
      if (mine !== this.#turn) return
      this.#endCursor = page.pageInfo.endCursor ?? undefined
      use(page)
    } catch (error) {
      if (mine === this.#turn) this.#set({ problem: error instanceof Error ? error.message : String(error) })
    } finally {
      if (mine === this.#turn) this.#isReading = false
    }
    if (this.#changes.length > 0) this.#flushSoon()
  }

  /** Reads pages until one has rows: a page of a filter may have none although more follow. */
  async #readRows(after: string | undefined, turn: number): Promise<Page> {
    const first = await this.#parts.readPage(after)
    let page = first
    while (turn === this.#turn && page.nodes.length === 0 && page.pageInfo.hasNextPage)
      page = await this.#parts.readPage(page.pageInfo.endCursor ?? undefined)
    return { ...page, ...(first.totalCount && { totalCount: first.totalCount }) }
  }

  readonly #flushSoon = throttleTrailing(flushMs, () => {
    // While the list is read, the changes wait: the page that comes may be older than they are.
    if (this.#isReading || !this.state.get().isRead) return
    const unknown = this.#applyKnown(this.#changes.splice(0))
    const { hasMore, rows } = this.state.get()
    const last = hasMore ? rows.at(-1) : undefined
    if (!this.#parts.isFiltered) this.#arrive(unknown.filter((lead) => last === undefined || isAbove(lead, last)))
    else if (unknown.length > 0) this.#readTopSoon()
  })

  /** Changes the leads of the list, and returns those that are not in it. */
  #applyKnown(changes: readonly LeadChange[]): LeadFragment[] {
    const [changed, gone] = [new Map<string, LeadFragment>(), new Set<string>()]
    for (const change of changes) {
      if (change.kind === 'changed') changed.set(change.lead.id, change.lead)
      else gone.add(change.id)
    }
    for (const id of gone) this.#erased.add(id)
    const before = this.state.get()
    const after = without(withUpdates(before, changed), gone)
    const unwaited = before.waiting.size - after.waiting.size
    const removed = unwaited + before.rows.length - after.rows.length
    const total = before.total && { ...before.total, value: before.total.value - removed }
    this.#set({ ...after, total, waitingCount: before.waitingCount - unwaited })
    const shown = new Set(before.rows.map(({ id }) => id))
    return [...changed.values()].filter(({ id }) => !shown.has(id) && !before.waiting.has(id) && !this.#erased.has(id))
  }

  /** Shows new leads if nobody reads the list, else lets them wait. */
  #arrive(leads: readonly LeadFragment[]): void {
    if (leads.length === 0) return
    const now = this.state.get()
    this.#arrived += leads.length
    const total = now.total && { ...now.total, value: now.total.value + leads.length }
    const isReadable = this.#isReadable(leads.length) && !this.#parts.isBeingRead()
    const mayInsert = now.rows.length === 0 || (now.waitingCount === 0 && isReadable)
    const isMuch = this.#arrived > maxArrived
    if (mayInsert && isMuch) this.reload()
    else if (mayInsert) this.#set({ ...withRows(now, leads), total })
    else {
      const { waiting } = isMuch ? noRows : withWaiting(now, leads)
      this.#set({ waiting, total, waitingCount: now.waitingCount + leads.length })
    }
  }

  #isReadable(count: number): boolean {
    const now = Date.now()
    if (now - this.#pace.since > 1000) Object.assign(this.#pace, { since: now, count: 0 })
    this.#pace.count += count
    return this.#pace.count <= readablePerSecond
  }

  /** Reads the first page of a filter, for what has changed. A failed read is made up for by the next change. */
  readonly #readTopSoon = throttleTrailing(readTopMs, () => {
    const turn = this.#turn
    const take = ({ nodes, pageInfo }: Page) => {
      if (turn !== this.#turn) return
      const unknown = this.#applyKnown(nodes.map((lead) => ({ kind: 'changed', lead })))
      const isFarBehind = pageInfo.hasNextPage && unknown.length === nodes.length
      if (isFarBehind && this.state.get().rows.length > 0) this.reload()
      else this.#arrive(unknown)
    }
    this.#parts.readPage(undefined).then(take, () => undefined)
  })
}
