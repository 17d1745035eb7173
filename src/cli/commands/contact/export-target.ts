import { open, rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CliError } from '../../frame/cli-error.ts'
import type { CommandContext } from '../../frame/command-context.ts'

type Write = (text: string) => Promise<void>

/** Target of an export. A file appears under its name only when it is complete. */
interface Target {
  use<Value>(fill: (write: Write) => Promise<Value>): Promise<Value>
}

/** Opens standard output, or a file that only its owner may read: it holds personal data. @throws CliError */
export async function openTarget({ folder, stdout }: CommandContext, file: string | undefined): Promise<Target> {
  if (file === undefined) return { use: (fill) => fill((text) => writeTo(stdout, text)) }
  const path = resolve(folder, file)
  const draft = `${path}.part`
  await rm(draft, { force: true })
  const handle = await open(draft, 'wx', 0o600).catch((error: unknown) => {
    throw new CliError(`${file} cannot be written: ${reasonOf(error)}.`, { cause: error })
  })
  return {
    use: async (fill) => {
      try {
        const value = await fill((text) => handle.appendFile(text))
        await handle.close()
        await rename(draft, path)
        return value
      } catch (error) {
        await handle.close().catch(() => {}) // It may be closed already.
        await rm(draft, { force: true })
        throw error
      }
    },
  }
}

function writeTo(stream: CommandContext['stdout'], text: string): Promise<void> {
  return new Promise((done, fail) => {
    stream.write(text, (error) => (error ? fail(error) : done()))
  })
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
}
