import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const output = new URL('../generated/snippet.js', import.meta.url)

/** Returns `/capture.js` as built from its source: one expression that adds no global name. */
export function buildSnippet(): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('snippet/start.ts', import.meta.url))],
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
  })
  return outputFiles[0]?.text ?? ''
}

if (import.meta.main) writeFileSync(output, buildSnippet())
