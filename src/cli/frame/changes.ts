import { usageError } from './cli-error.ts'

interface SwitchOptions {
  readonly enable?: boolean
  readonly disable?: boolean
}

/** Returns the state that --enable or --disable asks for; nothing without them. @throws CliError for both */
export function enabledBy({ enable, disable }: SwitchOptions): { readonly enabled?: boolean } {
  if (enable && disable) throw usageError('Give --enable or --disable, not both.')
  return enable || disable ? { enabled: enable === true } : {}
}

/** Returns the input of a change. @throws CliError when nothing changes; `example` is an option that does */
export function changeInput<Changes extends object>(id: string, changes: Changes, example: string) {
  if (Object.keys(changes).length > 0) return { id, ...changes }
  throw usageError('Nothing to change was given.', `Give a change, such as ${example}.`)
}
