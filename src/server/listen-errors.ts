import { RefusedSettingError, TakenPortError } from '../config/setting-errors.ts'

/** Returns an error that says what to do about HOST or PORT for a failure to listen; any other error as it is. */
export function listenErrorOf(error: unknown, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'EADDRINUSE') return new TakenPortError(port, error)
  const [name, problem] = problems[code] ?? []
  return name === undefined || problem === undefined ? error : new RefusedSettingError(name, problem, error)
}

const problems: Readonly<Record<string, readonly ['HOST' | 'PORT', string]>> = {
  EACCES: ['PORT', 'this user may not listen on it; one of 1024 and above is expected.'],
  EADDRNOTAVAIL: ['HOST', 'this machine does not have that address.'],
  ENOTFOUND: ['HOST', 'nobody knows an address of that name.'],
  EAI_AGAIN: ['HOST', 'nobody knows an address of that name.'],
}
