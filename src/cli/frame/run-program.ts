import { CommanderError } from 'commander'
import { pasteable } from '../output/pasteable.ts'
import { CliError } from './cli-error.ts'
import { type CommandContext, processContext } from './command-context.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { createProgram, refuseSubcommandAlone } from './program.ts'

/** Runs `rex` with its parameters, and returns the exit code. A bug is thrown, so that its stack trace is printed. */
export async function runProgram(
  parameters: readonly string[],
  context: CommandContext = processContext(),
): Promise<ExitCode> {
  ignoreClosedReader(context)
  const [name] = parameters
  try {
    const program = await createProgram(context, name)
    if (name !== undefined) refuseSubcommandAlone(program, name)
    await program.parseAsync(name === undefined ? ['--help'] : [...parameters], { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    return exitCodeOf(error, parameters, context)
  }
}

function exitCodeOf(error: unknown, parameters: readonly string[], { settings, stderr }: CommandContext): ExitCode {
  if (isClosedPipe(error)) return exitCodes.ok
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  if (!(error instanceof CliError)) throw error
  const { message, exitCode } = error
  const hint = error.hint && pasteable(error.hint, settings)
  const isJson = parameters.includes('--json')
  stderr.write(isJson ? `${JSON.stringify({ error: { message, hint, exitCode } })}\n` : `${textOf(message, hint)}\n`)
  return exitCode
}

function textOf(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message}\n${hint}`
}

/** Lets `rex contacts list | head` end without an error when the reader has closed the pipe. */
function ignoreClosedReader({ stdout }: CommandContext): void {
  stdout.on('error', (error) => {
    if (!isClosedPipe(error)) throw error
  })
}

function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}
