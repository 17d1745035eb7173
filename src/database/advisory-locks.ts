import { opening, statement } from './database.ts'

/**
 * Numbers of all advisory locks, in one place so that no two are equal. A lock is held until its transaction ends; the
 * text goes into a statement as it is.
 */
const locks = {
  migrations: 7_239_154,
  bootstrap: 7_239_155,
  eventLog: 7_239_156,
  claims: 7_239_157,
  endpointCount: 7_239_158,
  replayCount: 7_239_159,
  sourceCount: 7_239_160,
  listeners: 7_239_161,
} as const

type Lock = keyof typeof locks

/** Returns SQL that waits for the lock. */
export function lockText(lock: Lock): string {
  return `select pg_advisory_xact_lock(${locks[lock]})`
}

/** Returns SQL that waits for the lock and holds it until the connection ends. */
export function sessionLockText(lock: Lock): string {
  return `select pg_advisory_lock(${locks[lock]})`
}

/** Returns SQL by which a connection counts as a listener until it ends. It waits for nothing: the locks are shared. */
export function listenerText(listenerId: number): string {
  return `select pg_advisory_lock_shared(${locks.listeners}, ${listenerId})`
}

/** SQL that tells whether connections listen besides the one whose id is its only parameter. */
export const otherListenersText = `select count(*) > 0 as exist
   from pg_locks
   where locktype = 'advisory'
     and database = (select oid from pg_database where datname = current_database())
     and classid = ${locks.listeners}
     and objid <> $1::int::oid
     and objsubid = 2
     and mode = 'ShareLock'
     and granted`

/** Returns the statement that waits for the lock. */
export function lockStatement(name: string, lock: Lock) {
  return opening(statement(name, lockText(lock)))
}

/**
 * Returns the statement that takes the lock only if it is free. Until the end of the transaction, the setting tells whether
 * it did, for a statement that is sent in the same round trip.
 */
export function tryLockStatement(name: string, lock: Lock, setting: string) {
  return statement(name, `select set_config('${setting}', pg_try_advisory_xact_lock(${locks[lock]})::text, true)`)
}

/** Returns the statement that waits for the lock of one workspace, whose id is its only parameter. */
export function workspaceLockStatement(name: string, lock: Lock) {
  return statement(name, `select pg_advisory_xact_lock(${locks[lock]}, hashtext($1))`)
}
