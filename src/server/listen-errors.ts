import { RefusedSettingError } from '../config/setting-errors.ts'

/** Returns an error that names HOST or PORT for a failure to listen; any other error as it is. */
export function listenErrorOf(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const [name, problem] = problems[code] ?? []
  return name === undefined || problem === undefined ? error : new RefusedSettingError(name, problem, error)
}

const problems: Readonly<Record<string, readonly ['HOST' | 'PORT', string]>> = {
  EADDRINUSE: ['PORT', 'another process listens on it; 0 picks a free one.'],
  EACCES: ['PORT', 'this user may not listen on it; one of 1024 and above is expected.'],
  EADDRNOTAVAIL: ['HOST', 'this machine does not have that address.'],
  ENOTFOUND: ['HOST', 'nobody knows an address of that name.'],
  EAI_AGAIN: ['HOST', 'nobody knows an address of that name.'],
}
