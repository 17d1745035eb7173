import { createInterface } from 'node:readline/promises'
import { CliError, usageError } from './cli-error.ts'
import type { CommandContext } from './command-context.ts'

/** Lets a person confirm what cannot be undone; without a terminal `--yes` has to. @throws CliError if not confirmed */
export async function confirm(context: CommandContext, question: string, isConfirmed = false): Promise<void> {
  if (isConfirmed) return
  if (!context.stdin.isTTY) throw usageError(`${question} Nothing was done.`, 'Confirm with --yes.')
  await ask(context, question)
}

/** Lets a person confirm on a terminal; a script has no question to answer. @throws CliError if not confirmed */
export async function confirmOnTerminal(context: CommandContext, question: string, isConfirmed = false): Promise<void> {
  if (!isConfirmed && context.stdin.isTTY) await ask(context, question)
}

async function ask({ stdin, stderr }: CommandContext, question: string): Promise<void> {
  const reader = createInterface({ input: stdin, output: stderr })
  try {
    const reply = await reader.question(`${question} Type yes to go on: `)
    if (reply.trim().toLowerCase() !== 'yes') throw new CliError('Nothing was done.')
  } finally {
    reader.close()
  }
}
