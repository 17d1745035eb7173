import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CliError } from '../../frame/cli-error.ts'

type Encoding = 'UTF-8' | 'UTF-16LE' | 'UTF-16BE' | 'Windows-1252'

/** File in UTF-8, and what it was before. */
export interface CsvFile {
  /** File with the text: the given one, or a copy in UTF-8. */
  readonly path: string
  /** Position of the text, after a byte order mark. */
  readonly start: number
  readonly bytes: number
  readonly encoding: Encoding
  /** SHA-256 of the given file. */
  readonly hash: string
  /** First part of the text. */
  readonly head: string
  /** Deletes the copy. */
  close(): Promise<void>
}

const headBytes = 256 * 1024

/** Opens a file: finds its encoding, and copies it to UTF-8 when it has another one. @throws CliError */
export async function openCsvFile(path: string, shownName: string): Promise<CsvFile> {
  try {
    const head = await readHead(path)
    const { hash, isUtf8 } = await readWhole(path)
    const encoding = encodingOf(head, isUtf8)
    const mark = markBytes(head, encoding)
    if (encoding === 'UTF-8') return await describe({ path, start: mark, encoding, hash, close: async () => {} })
    return await transcode(path, { start: mark, encoding, hash })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    if (code === undefined) throw error
    throw new CliError(code === 'ENOENT' ? `There is no file ${shownName}.` : `${shownName} cannot be read (${code}).`)
  }
}

async function describe(file: Omit<CsvFile, 'bytes' | 'head'>): Promise<CsvFile> {
  const head = (await readHead(file.path)).subarray(file.start)
  // The last character may be cut.
  return { ...file, bytes: (await stat(file.path)).size, head: head.toString('utf8').replace(/\uFFFD+$/, '') }
}

async function readHead(path: string): Promise<Buffer> {
  const handle = await open(path)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Reads the whole file for its hash, and checks whether it is UTF-8. */
async function readWhole(path: string): Promise<{ hash: string; isUtf8: boolean }> {
  const hash = createHash('sha256')
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let isUtf8 = true
  const check = (chunk?: Buffer) => {
    try {
      if (isUtf8) decoder.decode(chunk, { stream: chunk !== undefined })
    } catch {
      isUtf8 = false
    }
  }
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk)
    check(chunk)
  }
  check()
  return { hash: hash.digest('hex'), isUtf8 }
}

/** A text in UTF-16 without a mark has a NUL in every second byte, as far as it is Latin. */
function encodingOf(head: Buffer, isUtf8: boolean): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'UTF-16LE'
  if (head[0] === 0xfe && head[1] === 0xff) return 'UTF-16BE'
  const sample = head.subarray(0, 2000)
  const zeros = [0, 0]
  sample.forEach((byte, at) => {
    if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1
  })
  const [even = 0, odd = 0] = zeros
  if (odd > sample.length / 4 && even === 0) return 'UTF-16LE'
  if (even > sample.length / 4 && odd === 0) return 'UTF-16BE'
  return isUtf8 ? 'UTF-8' : 'Windows-1252'
}

function markBytes(head: Buffer, encoding: Encoding): number {
  if (encoding === 'UTF-8') return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0
  const isMarked = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)
  return encoding !== 'Windows-1252' && isMarked ? 2 : 0
}

async function transcode(path: string, given: Pick<CsvFile, 'start' | 'encoding' | 'hash'>): Promise<CsvFile> {
  const folder = await mkdtemp(join(tmpdir(), 'rex-import-'))
  const close = () => rm(folder, { recursive: true, force: true })
  const copy = join(folder, 'utf-8.csv')
  try {
    const text = decoded(createReadStream(path, { start: given.start }), given.encoding)
    await pipeline(Readable.from(text, { objectMode: false }), createWriteStream(copy, { mode: 0o600 }))
    return await describe({ ...given, path: copy, start: 0, close })
  } catch (error) {
    await close()
    throw error
  }
}

async function* decoded(chunks: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding.toLowerCase())
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }))
  yield Buffer.from(decoder.decode())
}
