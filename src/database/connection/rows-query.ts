import { LRUCache } from 'lru-cache'
import pg from 'pg'

declare module 'pg' {
  /** Undocumented: the driver calls these methods to send a query, and with the messages of the server. */
  interface Query {
    handleRowDescription(message: { readonly fields: readonly Field[] }): void
    handleDataRow(message: { readonly fields: readonly (string | null)[] }): void
    handleCommandComplete(): void
    handleReadyForQuery(): void
    handleError(error: Error): void
    prepare(connection: Connection): void
  }
  interface Connection {
    bind(portal: { readonly statement: string }): void
    execute(portal: object): void
  }
}

type Field = Pick<pg.FieldDef, 'name' | 'dataTypeID'>

/** How the rows of a statement are read. */
interface Columns {
  readonly fields: readonly Field[]
  readonly parsers: readonly ((text: string) => unknown)[]
  /** Row of nulls. */
  readonly empty: Readonly<Record<string, null>>
}

/** Statement as a connection sends it; any other configuration is that of the driver's own query. */
export interface RowsQueryConfig {
  readonly readsRows: true
  /** Name under which the connection prepares it. */
  readonly name?: string
  readonly text: string
  readonly values: unknown[]
  /** Milliseconds after which it fails, and its connection ends. */
  readonly query_timeout?: number
  /** Set for the first statement of a transaction, which begins it: the connection has prepared `begin`. */
  readonly begins?: boolean
}

export type RowsCallback = (error: unknown, result?: { readonly rows: object[] }) => void

/** Name of the prepared statement that begins a transaction. */
export const beginName = 'begin'

const columnsByName = new LRUCache<string, Columns>({ max: 1000 })

/**
 * Query of the driver that keeps how the rows of a prepared statement are read. The driver's own query copies its
 * configuration and finds the parsers of its columns each time, which takes 13 µs (docs/decisions/0052).
 */
export class RowsQuery extends pg.Query {
  readonly query_timeout: number | undefined
  callback: RowsCallback
  readonly #name: string | undefined
  readonly #begins: boolean
  readonly #rows: object[] = []
  #columns = noColumns
  #failure: { readonly error: unknown } | undefined

  constructor({ name, text, values, query_timeout, begins = false }: RowsQueryConfig, callback: RowsCallback) {
    super(text)
    Object.assign(this, { name, values })
    this.query_timeout = query_timeout
    this.callback = callback
    this.#name = name
    this.#begins = begins
  }

  /** Without a Sync between them, PostgreSQL skips the statement if `begin` fails. */
  override prepare(connection: pg.Connection): void {
    if (this.#begins) {
      connection.bind({ statement: beginName })
      connection.execute({})
    }
    super.prepare(connection)
  }

  override handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
    const known = this.#name === undefined ? undefined : columnsByName.get(this.#name)
    this.#columns = known !== undefined && areEqual(known.fields, fields) ? known : columnsOf(fields)
    if (this.#name !== undefined && this.#columns !== known) columnsByName.set(this.#name, this.#columns)
  }

  override handleDataRow({ fields: texts }: { readonly fields: readonly (string | null)[] }): void {
    if (this.#failure !== undefined) return
    try {
      this.#rows.push(rowOf(texts, this.#columns))
    } catch (error) {
      this.#failure = { error }
    }
  }

  /** The driver's own query counts rows here. */
  override handleCommandComplete(): void {}

  override handleReadyForQuery(): void {
    if (this.#failure === undefined) this.callback(null, { rows: this.#rows })
    else this.callback(this.#failure.error)
  }

  override handleError(error: Error): void {
    this.callback(this.#failure?.error ?? error)
  }
}

const noColumns: Columns = { fields: [], parsers: [], empty: {} }

function areEqual(known: readonly Field[], fields: readonly Field[]): boolean {
  if (known.length !== fields.length) return false
  return known.every(({ name, dataTypeID }, nth) => {
    const field = fields[nth]
    return field?.name === name && field.dataTypeID === dataTypeID
  })
}

function columnsOf(fields: readonly Field[]): Columns {
  return {
    fields: fields.map(({ name, dataTypeID }) => ({ name, dataTypeID })),
    parsers: fields.map(({ dataTypeID }) => parserOf(dataTypeID)),
    empty: Object.fromEntries(fields.map(({ name }) => [name, null])),
  }
}

function parserOf(type: number): (text: string) => unknown {
  return type === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(type, 'text')
}

function rowOf(texts: readonly (string | null)[], { fields, parsers, empty }: Columns): object {
  const row: Record<string, unknown> = { ...empty }
  for (let nth = 0; nth < texts.length; nth++) {
    const [text, field] = [texts[nth], fields[nth]]
    if (field !== undefined) row[field.name] = text == null ? null : parsers[nth]?.(text)
  }
  return row
}

/** Tells a statement of Rex from a query of Prisma; a copy of the object is one, too. */
export function isRowsQueryConfig(config: unknown): config is RowsQueryConfig {
  return typeof config === 'object' && config !== null && 'readsRows' in config
}
