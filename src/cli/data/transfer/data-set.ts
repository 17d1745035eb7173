/** Migration that a database ran, with the SHA-256 of its SQL. */
export interface AppliedMigration {
  readonly name: string
  readonly checksum: string
}

/** Number of rows of a table, and a checksum that does not depend on their order. */
export interface Digest {
  readonly rows: number
  readonly checksum: string
}

/** Data of one table. */
export interface TableData {
  readonly name: string
  readonly columns: readonly string[]
  /** Rows in the text format of COPY; they are read to the end before the next table. */
  readonly rows: AsyncIterable<Buffer>
  /** Returns the digest; called after the rows are read. */
  digest(): Promise<Digest>
}

/** Last value of a sequence. */
export interface SequenceValue {
  readonly name: string
  readonly last: string
}

/** All data of an installation, from a database or a backup file. */
export interface DataSet {
  /** Oldest first. */
  readonly migrations: readonly AppliedMigration[]
  tables(): AsyncIterable<TableData>
  /** Returns the values of the sequences; called after the tables are read. */
  sequences(): Promise<readonly SequenceValue[]>
}

/** Called with the bytes of each table as they pass. */
export type OnBytes = (table: string, bytes: number) => void
