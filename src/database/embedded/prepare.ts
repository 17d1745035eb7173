import { findBinaries } from './binaries.ts'
import { EmbeddedServerError } from './embedded-server-error.ts'

/** Runs in `npm ci`: creates the links between the libraries while the package folder is writable. */
try {
  findBinaries()
} catch (error) {
  // A machine without the package uses DATABASE_URL.
  if (!(error instanceof EmbeddedServerError)) throw error
}
