import { BadSettingsError } from '../config.ts'
import { FolderLockedError } from '../database/folder-lock.ts'
import { ExtensionRefusedError } from '../database/migrate.ts'

const told = [BadSettingsError, ExtensionRefusedError, FolderLockedError]

/** Runs a command; what whoever started it can set right is told in its own words, and the process exits 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command()
  } catch (error) {
    if (!(error instanceof Error) || !told.some((kind) => error instanceof kind)) throw error
    console.error(error.message)
    process.exit(1)
  }
}
