import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { css, editorWorkerService, graphqlWorker, js, jsonWorker } from '@graphql-yoga/render-graphiql/graphiql'
import { buildSync } from 'esbuild'

const output = new URL('../../generated/graphiql/', import.meta.url)

/** Writes the files of GraphiQL, each also gzipped, and a list of them. */
function writeFiles(): void {
  const files: Readonly<Record<string, string>> = {
    'graphiql.css': css,
    'graphiql.js': js,
    'editor.worker.js': editorWorkerService,
    'json.worker.js': jsonWorker,
    'graphql.worker.js': graphqlWorker,
    'key.js': builtFrom('key.ts'),
    'start.js': builtFrom('start.ts'),
    'page.css': pageStyle,
  }
  rmSync(output, { recursive: true, force: true })
  mkdirSync(output, { recursive: true })
  const list = Object.entries(files).map(([name, text]) => {
    const gzipped = gzipSync(text, { level: 9 })
    writeFileSync(new URL(name, output), text)
    writeFileSync(new URL(`${name}.gz`, output), gzipped)
    const hash = createHash('sha256').update(text).digest('base64url')
    return { name, hash, bytes: Buffer.byteLength(text), gzippedBytes: gzipped.length }
  })
  writeFileSync(new URL('files.json', output), JSON.stringify(list))
}

const pageStyle = `#root { height: calc(100vh - 2.6rem) }
#rex-key { display: flex; gap: .5rem; align-items: center; padding: .4rem 1rem; font: 14px system-ui;
  background: #1f2937; color: #fff }
#rex-key input { flex: 1; max-width: 32rem; padding: .3rem; font: 13px monospace }
`

function builtFrom(name: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL(`browser/${name}`, import.meta.url))],
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
  })
  return outputFiles[0]?.text ?? ''
}

writeFiles()
