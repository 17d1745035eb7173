import { BadSettingsError } from '../config.ts'
import { FolderLockedError } from '../database/folder-lock.ts'

/** Runs a command; what whoever started it can set right is told in its own words, and the process exits 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command()
  } catch (error) {
    if (!(error instanceof BadSettingsError) && !(error instanceof FolderLockedError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}
