import { createReadStream, readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'

/** A file that GraphiQL loads. It is read from disk at each request, so that it takes no memory and waits for slow readers. */
export interface GraphiqlFile {
  readonly name: string
  /** SHA-256 of its text, in base64url. */
  readonly hash: string
  readonly bytes: number
  readonly gzippedBytes: number
  open(): Readable
  openGzipped(): Readable
}

const highWaterMark = 16_384
const folder = new URL('../../generated/graphiql/', import.meta.url)

/** Lists the files that `npm run generate` has written. */
export function readGraphiqlFiles(): readonly GraphiqlFile[] {
  const list: unknown = JSON.parse(readFileSync(new URL('files.json', folder), 'utf8'))
  return parseList(list).map((file) => ({
    ...file,
    open: () => createReadStream(new URL(file.name, folder), { highWaterMark }),
    openGzipped: () => createReadStream(new URL(`${file.name}.gz`, folder), { highWaterMark }),
  }))
}

type Listed = Omit<GraphiqlFile, 'open' | 'openGzipped'>

/** Written by build.ts, so its form is known. */
function parseList(list: unknown): readonly Listed[] {
  return list as readonly Listed[]
}
