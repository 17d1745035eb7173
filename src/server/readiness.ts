import { type Database, statement } from '../database/database.ts'
import { withTimeout } from '../platform/timeout.ts'

const respondsWithinMs = 1500

/** Returns why a part cannot serve, in plain words; undefined when it can. */
type FindProblem = () => string | undefined | Promise<string | undefined>

/** Problems by part. */
type Problems = Readonly<Record<string, string>>

/** Checks whether this process can serve. `/readyz`, a status page and `rex doctor` show the same problems. */
export interface Readiness {
  /** Adds a part without which nothing is served, such as `server`; its name is a key of the response. */
  add(name: string, findProblem: FindProblem): void
  /** Adds a part without which callers are served all the same, such as `workers` beside a surface. */
  addBeside(name: string, findProblem: FindProblem): void
  /** Returns the problems by part; empty when it can serve. */
  problems(): Promise<Problems>
  /** Returns the problems of the parts beside. */
  problemsBeside(): Promise<Problems>
}

/** Creates the check, which starts with the database. */
export function createReadiness(database: Database): Readiness {
  const parts = new Map<string, FindProblem>([['database', () => problemOfDatabase(database)]])
  const partsBeside = new Map<string, FindProblem>()
  return {
    add: (name, findProblem) => void parts.set(name, findProblem),
    addBeside: (name, findProblem) => void partsBeside.set(name, findProblem),
    problems: () => problemsOf(parts),
    problemsBeside: () => problemsOf(partsBeside),
  }
}

async function problemsOf(parts: ReadonlyMap<string, FindProblem>): Promise<Problems> {
  const found = await Promise.all([...parts].map(async ([name, find]) => [name, await find()] as const))
  return Object.fromEntries(found.flatMap(([name, problem]) => (problem === undefined ? [] : [[name, problem]])))
}

function problemOfDatabase(database: Database): Promise<string | undefined> {
  return withTimeout(database.query<{ read_only: boolean }>(selectReadOnly), respondsWithinMs).then(
    ([row]) => (row?.read_only ? 'It only reads.' : undefined),
    () => 'It does not respond.',
  )
}

// True on a replica that is not promoted yet.
const selectReadOnly = statement(
  'select_read_only',
  `select current_setting('transaction_read_only')::boolean as read_only`,
)
