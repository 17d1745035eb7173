import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'

/** Programs that `npm run generate:bundle` bundles: file names in this folder, without extension. */
export type BundledProgram = 'rex-program' | 'serve-program'

/** List of the files that a bundle was made of, and the hash of their state. */
interface BundleInputs {
  readonly hash: string
  /** Paths, relative to the repository. */
  readonly files: readonly string[]
}

const repository = new URL('../../', import.meta.url)

/** Has the bundles, each in a folder with the name of its hash. A published package has none: docs/decisions/0045. */
const bundlesFolder = new URL('../generated/bundle/', import.meta.url)

/**
 * Returns the URL of a bundled program; undefined when there is no bundle, or when any file that it was made of differs
 * from what it was then. Loading a bundle takes a third of the CPU that its two thousand files take.
 */
export function findBundle(program: BundledProgram, folder = bundlesFolder, root = repository): string | undefined {
  try {
    const { hash, files } = readInputs(folder)
    return hash === hashInputs(files, root) ? new URL(`${hash}/${program}.js`, folder).href : undefined
  } catch {
    return undefined // A file is missing or cannot be read: the sources run, or say what is wrong.
  }
}

/**
 * Hashes files: sources by content, since checking out writes them anew, and installed packages by size and time of
 * change, because they are five times as many. @throws when a file is missing
 */
export function hashInputs(files: readonly string[], root = repository): string {
  const hash = createHash('sha256')
  for (const file of files) {
    const url = new URL(file, root)
    hash.update(`${file}\0`)
    hash.update(file.startsWith('node_modules/') ? stateOf(url) : readFileSync(url))
  }
  return hash.digest('hex')
}

function stateOf(url: URL): string {
  const { size, mtimeMs } = statSync(url)
  return `${size} ${mtimeMs}`
}

/** Reads the list that packaging/bundle.ts has written. @throws when there is none */
function readInputs(folder: URL): BundleInputs {
  return JSON.parse(readFileSync(new URL('inputs.json', folder), 'utf8')) as BundleInputs
}
