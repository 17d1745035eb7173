import { readdirSync, readFileSync } from 'node:fs'
import { eventually } from './eventually.ts'

/** The processes of Node that a process has started, by Linux's /proc. */
export function childProcesses(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => parentOf(child) === pid && commandOf(child).includes('bin/start.js'))
}

/** Waits until a process has so many, and returns them. */
export async function childProcessesOnce(pid: number, count: number): Promise<number[]> {
  await eventually(
    () => childProcesses(pid).length === count,
    () => `${childProcesses(pid).length} child processes`,
    120_000,
  )
  return childProcesses(pid)
}

export function isAlive(pid: number): boolean {
  return parentOf(pid) !== undefined
}

/** Undefined for one that has ended, waited for or not. */
function parentOf(pid: number): number | undefined {
  const status = read(`/proc/${pid}/status`)
  const [, state] = /^State:\s+(\S)/m.exec(status) ?? []
  const [, parent] = /^PPid:\s+(\d+)$/m.exec(status) ?? []
  return parent === undefined || state === 'Z' ? undefined : Number(parent)
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // It has ended.
  }
}
