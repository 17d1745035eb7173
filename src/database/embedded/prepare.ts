import { findBinaries } from './binaries.ts'
import { EmbeddedServerError } from './embedded-server-error.ts'

/** `npm ci` runs this: it makes the links between the libraries while the folder of the packages can be written to. */
try {
  findBinaries()
} catch (error) {
  // A machine without the package uses DATABASE_URL.
  if (!(error instanceof EmbeddedServerError)) throw error
}
