import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

/** JavaScript, because Node loads 6 MB to read its first line of TypeScript. */
const root = new URL('../', import.meta.url)
/** Has the bundles, each in a folder with the name of its hash. A published package has none: docs/decisions/0045. */
const bundlesFolder = new URL('src/generated/bundle/', root)

/**
 * Runs a program: its bundle if that is current, the sources of a clone otherwise, or what a published package has built
 * from them, since Node runs no TypeScript in node_modules.
 */
export async function launch(program) {
  cacheCompiledCode()
  const source = new URL(`src/${program}.ts`, root)
  const built = () => (existsSync(source) ? source : new URL(`dist/${program}.js`, root)).href
  await import(findBundle(program) ?? built())
}

/**
 * Keeps compiled code among the installed packages, so that the next start needs half the CPU. The folder for temporary
 * files is no place for it: another user could put code there. A folder that cannot be written to is no error.
 */
function cacheCompiledCode() {
  enableCompileCache(fileURLToPath(new URL('node_modules/.cache/rex', root)))
}

/**
 * Returns the URL of a bundled program; undefined when there is no bundle, or when any file that it was made of differs
 * from what it was then. Loading a bundle takes a third of the CPU that its two thousand files take.
 */
export function findBundle(program, folder = bundlesFolder, repository = root) {
  try {
    const { hash, files } = JSON.parse(readFileSync(new URL('inputs.json', folder), 'utf8'))
    return hash === hashInputs(files, repository) ? new URL(`${hash}/${program}.js`, folder).href : undefined
  } catch {
    return undefined // A file is missing or cannot be read: the sources run, or say what is wrong.
  }
}

/**
 * Hashes files: sources by content, since checking out writes them anew, and installed packages by size and time of
 * change, because they are five times as many. @throws when a file is missing
 */
export function hashInputs(files, repository = root) {
  const hash = createHash('sha256')
  for (const file of files) {
    const url = new URL(file, repository)
    hash.update(`${file}\0`)
    hash.update(file.startsWith('node_modules/') ? stateOf(url) : readFileSync(url))
  }
  return hash.digest('hex')
}

function stateOf(url) {
  const { size, mtimeMs } = statSync(url)
  return `${size} ${mtimeMs}`
}
