/** Result of one check; `fix` says what to do. */
export interface Check {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  readonly fix?: string
}

export function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail }
}

export function warn(name: string, detail: string, fix: string): Check {
  return { name, status: 'warn', detail, fix }
}

export function fail(name: string, detail: string, fix: string): Check {
  return { name, status: 'fail', detail, fix }
}
