import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

/**
 * Keeps compiled code among the installed packages, so that the next start needs half the CPU. The folder for temporary
 * files is no place for it: another user could put code there. A folder that cannot be written to is no error.
 */
export function cacheCompiledCode(): void {
  enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/rex', import.meta.url)))
}
