import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../frame/cli-error.ts'

/** Server and key that `rex login` has kept. */
export interface Login {
  readonly url: string
  readonly apiKey: string
}

/** Returns the path of the login file in the folder of the settings. */
function loginPath(configDir: string): string {
  return join(configDir, 'login.json')
}

/** Returns the login; undefined if nobody is signed in. @throws CliError if the file is damaged */
export async function readLogin(configDir: string): Promise<Login | undefined> {
  const path = loginPath(configDir)
  try {
    return parseLogin(await readFile(path, 'utf8'))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw new CliError(`${path} cannot be read as a login.`, { hint: 'Run rex login again.', cause: error })
  }
}

/** Keeps a login for the owner of the file alone. */
export async function writeLogin(configDir: string, login: Login): Promise<string> {
  const path = loginPath(configDir)
  await mkdir(configDir, { recursive: true, mode: 0o700 })
  await rm(path, { force: true }) // An open file keeps its readers, and a link its target.
  await writeFile(path, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  await chmod(path, 0o600)
  return path
}

/** Deletes the login. Returns whether there was one. */
export async function deleteLogin(configDir: string): Promise<boolean> {
  try {
    await rm(loginPath(configDir))
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

function parseLogin(text: string): Login {
  const { url, apiKey } = JSON.parse(text) as Partial<Record<keyof Login, unknown>>
  if (typeof url !== 'string' || typeof apiKey !== 'string') throw new Error('url and apiKey are expected.')
  return { url, apiKey }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
