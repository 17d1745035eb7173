import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

/** Returns one script for a page, built from the text of a module that stands at the top of the repository. */
export function bundleOf(contents: string): string {
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: fileURLToPath(new URL('../..', import.meta.url)) },
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  return outputFiles[0]?.text ?? ''
}
