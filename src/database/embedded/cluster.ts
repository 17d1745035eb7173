import { spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { EmbeddedServerError } from './embedded-server-error.ts'
import type { RunAs } from './run-as.ts'

/** Name of the superuser and of the database of the embedded server. */
export const embeddedName = 'rex'

/**
 * Creates the files of the database when there are none, and returns their folder. They get their final name when they
 * are complete: a killed start leaves no incomplete files, and of two concurrent starts one wins.
 * @throws EmbeddedServerError when they belong to another major version of PostgreSQL
 */
export async function openCluster(dataFolder: string, binaries: Binaries, runAs: RunAs): Promise<string> {
  const folder = join(dataFolder, 'postgresql')
  if (!existsSync(folder)) await makeCluster(folder, binaries, runAs)
  checkVersion(folder, binaries)
  if (runAs.owner !== undefined) changeOwner(folder, runAs.owner)
  return folder
}

async function makeCluster(folder: string, binaries: Binaries, runAs: RunAs): Promise<void> {
  const draft = `${folder}.new-${process.pid}`
  rmSync(draft, { recursive: true, force: true })
  try {
    mkdirSync(draft, { mode: 0o700 })
    if (runAs.owner !== undefined) allowEntry(runAs.owner, draft)
    await runInitdb(draft, binaries, runAs)
    renameSync(draft, folder)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
}

async function runInitdb(folder: string, binaries: Binaries, { prefix, owner }: RunAs): Promise<void> {
  // PostgreSQL's own locale: the same order and case rules on every machine.
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--locale=C.UTF-8']
  const sync = process.platform === 'linux' ? ['--sync-method=syncfs'] : []
  const access = ['--username', embeddedName, '--auth=trust', '--no-instructions']
  const command = [...prefix, binaries.initdb, '--pgdata', folder, ...access, ...locale, ...sync]
  const { code, output } = await run(command, { ...owner, env: programEnvironment(binaries) })
  if (code !== 0) throw new EmbeddedServerError(`initdb failed (${lastLine(output)})`)
}

/** Returns the environment of the programs, without the variables of this process, which may hold secrets. */
export function programEnvironment({ libraries }: Binaries): Record<string, string> {
  const name = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'
  return { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', [name]: libraries }
}

function run(
  [command = '', ...parameters]: readonly string[],
  options: { readonly uid?: number; readonly gid?: number; readonly env: Record<string, string> },
): Promise<{ readonly code: number | string | null; readonly output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, parameters, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', ({ message }) => resolve({ code: 'error', output: message }))
    child.on('close', (code) => resolve({ code, output }))
  })
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? 'no output'
}

function checkVersion(folder: string, { majorVersion }: Binaries): void {
  const found = readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim()
  if (found === majorVersion) return
  throw new EmbeddedServerError(
    `the files in ${folder} are of PostgreSQL ${found}, and this version of Rex contains PostgreSQL ${majorVersion}. ` +
      `Dump them with the version of Rex that wrote them (pg_dump), move the folder away, start this version, and load the dump (psql)`,
  )
}

/** Opens the data folder for the owner of the draft: paths can be entered, but the folder cannot be listed. */
function allowEntry({ uid, gid }: { readonly uid: number; readonly gid: number }, draft: string): void {
  chownSync(draft, uid, gid)
  chmodSync(dirname(draft), 0o711)
}

function changeOwner(path: string, owner: { readonly uid: number; readonly gid: number }): void {
  const found = statSync(path)
  if (found.uid !== owner.uid) chownSync(path, owner.uid, owner.gid)
  if (found.isDirectory()) for (const name of readdirSync(path)) changeOwner(join(path, name), owner)
}
