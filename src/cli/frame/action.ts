import type { Command } from 'commander'
import type { Api } from '../api/api.ts'
import { createOutput, type Output, type OutputMode } from '../output/output.ts'
import type { CommandContext } from './command-context.ts'

/** Context of an action besides its arguments and options. */
export interface Tools {
  readonly context: CommandContext
  readonly output: Output
}

export interface ClientTools extends Tools {
  readonly api: Api
}

/** Returns an action with the output that `--json` and `--quiet` ask for. */
export function action<Parameters extends readonly unknown[]>(
  context: CommandContext,
  run: (tools: Tools, ...parameters: Parameters) => Promise<void>,
): (this: Command, ...parameters: Parameters) => Promise<void> {
  return async function (this: Command, ...parameters) {
    await run({ context, output: createOutput(context, modeOf(this)) }, ...parameters)
  }
}

/** Returns an action of a command that is a client: with the API of the server, and the key. */
export function clientAction<Parameters extends readonly unknown[]>(
  context: CommandContext,
  run: (tools: ClientTools, ...parameters: Parameters) => Promise<void>,
): (this: Command, ...parameters: Parameters) => Promise<void> {
  return action(context, async (tools, ...parameters: Parameters) => {
    const { connectApi } = await import('../api/connect.ts')
    await run({ ...tools, api: await connectApi(context) }, ...parameters)
  })
}

function modeOf(command: Command): OutputMode {
  const { json, quiet } = command.opts<{ json?: boolean; quiet?: boolean }>()
  if (json) return 'json'
  return quiet ? 'quiet' : 'text'
}
