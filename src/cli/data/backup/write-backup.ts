import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createGzip } from 'node:zlib'
import type { DataSet, Digest } from '../transfer/data-set.ts'
import { frameTypes, type Header } from './format.ts'
import { dataFrames, jsonFrame } from './frames.ts'

/** Digests by table. */
type Digests = Map<string, Digest>

/**
 * Writes all data to a file, which gets its name when it is complete and on the disk. It replaces a file of this name.
 * @throws AbortError when it is stopped; then nothing is left
 */
export async function writeBackup(
  file: string,
  given: Header,
  data: DataSet,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Digest>> {
  const draft = `${file}.${process.pid}.partial`
  const digests: Digests = new Map()
  try {
    // Rows of text shrink to a sixth at the lowest level; higher ones cost more time than they save.
    const zip = createGzip({ level: constants.Z_BEST_SPEED })
    const target = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true })
    await pipeline(Readable.from(framesOf(given, data, digests), { objectMode: false }), zip, target, { signal })
    await rename(draft, file)
    return digests
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

async function* framesOf(given: Header, data: DataSet, digests: Digests): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  for await (const frame of contentOf(given, data, digests)) {
    hash.update(frame)
    yield frame
  }
  yield jsonFrame(frameTypes.end, { sha256: hash.digest('hex') })
}

async function* contentOf(given: Header, data: DataSet, digests: Digests): AsyncGenerator<Buffer> {
  yield jsonFrame(frameTypes.header, given)
  for await (const { name, columns, rows, digest } of data.tables()) {
    yield jsonFrame(frameTypes.table, { name, columns })
    for await (const chunk of rows) yield* dataFrames(frameTypes.rows, chunk)
    const counted = await digest()
    digests.set(name, counted)
    yield jsonFrame(frameTypes.digest, counted)
  }
  yield jsonFrame(frameTypes.sequences, await data.sequences())
}
