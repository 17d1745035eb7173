import { homedir } from 'node:os'
import { join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Settings of the commands that are clients, from the environment. */
export interface CliSettings {
  readonly url: string | undefined
  readonly apiKey: string | undefined
  /** Folder in which `npm start` keeps the first API key. */
  readonly dataDir: string
  /** Folder of the login file. */
  readonly configDir: string
  /** False for NO_COLOR and for a terminal that shows no colours. */
  readonly allowsColor: boolean
  /** True for `npx rex`, as in a clone, where `rex` alone is not found. */
  readonly isStartedByNpx: boolean
}

/** Reads the settings of the client commands; blank ones count as missing. */
export function readCliSettings(environment: Environment = process.env): CliSettings {
  const read = (name: string) => environment[name]?.trim() || undefined
  return {
    url: read('REX_URL'),
    apiKey: read('REX_API_KEY'),
    dataDir: read('REX_DATA_DIR') ?? '.rex',
    configDir: join(read('XDG_CONFIG_HOME') ?? join(read('HOME') ?? homedir(), '.config'), 'rex'),
    allowsColor: read('NO_COLOR') === undefined && read('TERM') !== 'dumb',
    isStartedByNpx: read('npm_command') === 'exec',
  }
}
