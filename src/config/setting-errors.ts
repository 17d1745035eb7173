/** All invalid settings in one message; the process prints it and exits with 1. */
export class BadSettingsError extends Error {
  constructor(problems: readonly string[]) {
    super(`These settings are invalid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'BadSettingsError'
  }
}

type SettingName = 'HOST' | 'PORT' | 'DATABASE_URL' | 'DATABASE_DIRECT_URL' | 'REX_API_KEY'

/** Port that another process listens on. The message names it, since it is no secret. */
export class TakenPortError extends Error {
  constructor(port: number, cause: unknown) {
    const other = port === 4010 ? 4020 : 4010
    super(
      `Port ${port} is taken by another process. Start with another one: PORT=${other} npm start. PORT=0 picks a free one.`,
      { cause },
    )
    this.name = 'TakenPortError'
  }
}

/** Well-formed setting that the machine or a server rejects; the message omits its value, which may hold a secret. */
export class RefusedSettingError extends Error {
  constructor(name: SettingName, problem: string, cause: unknown) {
    super(`${name}: ${problem}`, { cause })
    this.name = 'RefusedSettingError'
  }
}
