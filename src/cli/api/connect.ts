import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readAddressFile } from '../../platform/files/address-file.ts'
import { CliError } from '../frame/cli-error.ts'
import type { CommandContext } from '../frame/command-context.ts'
import { exitCodes } from '../frame/exit-codes.ts'
import { type Api, type Connection, createApi } from './api.ts'
import { readLogin } from './login-file.ts'
import { isLocal, serverUrl } from './server-url.ts'

const localUrl = 'http://127.0.0.1:4000'

/**
 * Finds server and key: the environment comes first, then the login, then the server of this machine that has kept its
 * key and its address in the data folder. A key is sent only to the server that it was kept for.
 */
export async function findConnection({ settings, folder }: CommandContext): Promise<Connection> {
  const login = await readLogin(settings.configDir)
  const named = settings.url ?? login?.url
  const dataFolder = resolve(folder, settings.dataDir)
  if (named === undefined && settings.apiKey === undefined) return keptConnection(dataFolder)
  const url = serverUrl(named ?? localUrl, 'REX_URL')
  if (settings.apiKey !== undefined) return { url, apiKey: settings.apiKey }
  if (login !== undefined && login.url === url) return { url, apiKey: login.apiKey }
  return { url, apiKey: isLocal(url) ? await keptKey(dataFolder) : undefined }
}

/** Returns the key of a data folder, with the address that its server has kept there for it. */
async function keptConnection(dataFolder: string): Promise<Connection> {
  const apiKey = await keptKey(dataFolder)
  const url = apiKey === undefined ? undefined : readAddressFile(dataFolder)
  return { url: url !== undefined && URL.canParse(url) && isLocal(url) ? url : localUrl, apiKey }
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

async function keptKey(dataFolder: string): Promise<string | undefined> {
  try {
    return (await readFile(join(dataFolder, 'api-key'), 'utf8')).trim() || undefined
  } catch {
    return undefined // Without a readable file there is no key, and the command says how to give one.
  }
}
