import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CliError } from '../frame/cli-error.ts'
import type { CommandContext } from '../frame/command-context.ts'
import { exitCodes } from '../frame/exit-codes.ts'
import { type Api, type Connection, createApi } from './api.ts'
import { readLogin } from './login-file.ts'
import { isLocal, serverUrl } from './server-url.ts'

const localUrl = 'http://127.0.0.1:4000'

/**
 * Finds server and key: the environment comes first, then the login, then the server of this machine with the key that
 * `npm start` has kept in this folder. A key is sent only to the server that it was kept for.
 */
export async function findConnection({ settings, folder }: CommandContext): Promise<Connection> {
  const login = await readLogin(settings.configDir)
  const url = serverUrl(settings.url ?? login?.url ?? localUrl, 'REX_URL')
  if (settings.apiKey !== undefined) return { url, apiKey: settings.apiKey }
  if (login !== undefined && login.url === url) return { url, apiKey: login.apiKey }
  return { url, apiKey: isLocal(url) ? await keptKey(resolve(folder, settings.dataDir, 'api-key')) : undefined }
}

/** Returns the API of the server. @throws CliError if no key is known */
export async function connectApi(context: CommandContext): Promise<Api> {
  const { url, apiKey } = await findConnection(context)
  if (apiKey === undefined) throw notSignedIn(url)
  return createApi({ url, apiKey })
}

function notSignedIn(url: string): CliError {
  return new CliError(`No API key for ${url}.`, {
    exitCode: exitCodes.notAllowed,
    hint: 'Set REX_API_KEY, run `rex login --url URL`, or run rex in the folder in which the server was started.',
  })
}

async function keptKey(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim() || undefined
  } catch {
    return undefined // Without a readable file there is no key, and the command says how to give one.
  }
}
