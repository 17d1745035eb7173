import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Name of the shell that runs the server, in its command line. */
export const supervisorName = 'rex-postgresql'

/** Server process of a folder, as PostgreSQL describes it in `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number
  readonly port: number
  readonly socketFolder: string
  readonly isReady: boolean
}

/** Returns the running server of the folder; undefined when there is none or its file remains from a crash. */
export function findPostmaster(clusterFolder: string): Postmaster | undefined {
  const lines = readLines(join(clusterFolder, 'postmaster.pid'))
  const [pid = '', folder, , port = '', socketFolder = '', , , status = ''] = lines
  if (folder === undefined || !isRunning(Number(pid)) || !isServerOf(Number(pid), clusterFolder)) return undefined
  return { pid: Number(pid), port: Number(port), socketFolder, isReady: status.trim() === 'ready' }
}

/**
 * Removes the file of an ended server when another program has its process id now: PostgreSQL would regard that program
 * as a running server and not start.
 */
export function removeLeftoverFile(clusterFolder: string): void {
  const file = join(clusterFolder, 'postmaster.pid')
  const [pid = ''] = readLines(file)
  if (isRunning(Number(pid)) && !isServerOf(Number(pid), clusterFolder)) rmSync(file, { force: true })
}

/** Returns whether the supervisor of the server has died, and Rex with it. */
export function isOrphan(pid: number): boolean {
  return isRunning(pid) && !commandLine(parentOf(pid)).includes(supervisorName)
}

function parentOf(pid: number): number {
  try {
    if (!existsSync('/proc/self/status'))
      return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }))
    const [, parent = ''] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(parent)
  } catch {
    return 0 // It has just exited.
  }
}

export function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/**
 * Returns whether a process is the server. Process ids are reused, in a container often for the same kind of process:
 * only the command line identifies it.
 */
function isServerOf(pid: number, clusterFolder: string): boolean {
  return commandLine(pid).includes(clusterFolder)
}

function commandLine(pid: number): string {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return '' // It has just exited.
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}
