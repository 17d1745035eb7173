import { availableParallelism } from 'node:os'
import type { Config } from '../../config/config.ts'

/** PostgreSQL accepts 100 connections by default. */
const maxAutomatic = 16
/** Two cores are better used by one process of Rex and the database beside it. */
const coresOfOneProcess = 2
const sharedConnections = 72
const leastConnections = 4
const mostConnections = 12

/** Returns the number of processes that serve on this node. */
export function processCountOf(
  { processes, databaseUrl }: Pick<Config, 'processes' | 'databaseUrl'>,
  cores = availableParallelism(),
): number {
  if (typeof processes === 'number') return processes
  if (processes === undefined && databaseUrl === undefined && cores <= coresOfOneProcess) return 1
  return Math.min(cores, maxAutomatic)
}

/** Returns the size of each process's connection pool: up to 18 processes share 72 connections. */
export function poolSizeOf(processes: number): number {
  return Math.max(leastConnections, Math.min(mostConnections, Math.floor(sharedConnections / processes)))
}
