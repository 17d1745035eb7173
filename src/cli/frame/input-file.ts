import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { usageError } from './cli-error.ts'
import type { CommandContext } from './command-context.ts'

/** Reads the bytes of a file, or of standard input for `-`. @throws CliError */
export async function readInput({ folder, stdin }: CommandContext, file: string): Promise<Buffer> {
  if (file === '-') return buffer(stdin)
  return readFile(resolve(folder, file)).catch((error: unknown) => {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    throw usageError(`${file} cannot be read: ${reason}.`)
  })
}
