import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import type { z } from 'zod'
import { sqlState } from '../../../database/database.ts'
import { CliError } from '../../frame/cli-error.ts'
import type { DataSet, OnBytes, TableData } from '../transfer/data-set.ts'
import {
  end,
  formatVersion,
  frameTypes,
  type Header,
  header,
  sequenceValues,
  tableDigest,
  tableHead,
} from './format.ts'
import { type Frame, frameOf, readFrames } from './frames.ts'

/** Reads a whole backup and returns its header. @throws CliError for a file that is damaged, cut or no backup */
export async function verifyBackup(file: string): Promise<Header> {
  try {
    return await readWhole(file)
  } catch (error) {
    throw readErrorOf(file, error)
  }
}

async function readWhole(file: string): Promise<Header> {
  const hash = createHash('sha256')
  const frames = framesOf(file)
  let found: Header | undefined
  let expected: string | undefined
  for await (const frame of frames) {
    found ??= headerOf(frame)
    if (expected !== undefined) throw new Error('There are frames after the end.')
    if (frame.type === frameTypes.end) expected = parse(end, frame).sha256
    else hash.update(frameOf(frame.type, frame.content))
  }
  if (found === undefined || expected !== hash.digest('hex')) throw new Error('The checksum differs.')
  return found
}

function headerOf(frame: Frame): Header {
  if (frame.type !== frameTypes.header) throw new Error('The first frame is no header.')
  const found = parse(header, frame)
  if (found.version > formatVersion)
    throw new CliError(`A newer version of Rex (${found.rex}) wrote the backup. Use that version.`)
  return found
}

/** Returns the data of a verified backup. */
export function dataOfBackup(file: string, { migrations }: Header, onBytes: OnBytes): DataSet {
  let sequences: z.infer<typeof sequenceValues> = []
  return {
    migrations,
    tables: () => readTables(file, onBytes, (values) => (sequences = values)),
    sequences: async () => sequences,
  }
}

async function* readTables(
  file: string,
  onBytes: OnBytes,
  onSequences: (values: z.infer<typeof sequenceValues>) => void,
): AsyncGenerator<TableData> {
  const frames = framesOf(file)
  for (let next = await frames.next(); !next.done; next = await frames.next()) {
    const frame = next.value
    if (frame.type === frameTypes.sequences) onSequences(parse(sequenceValues, frame))
    if (frame.type !== frameTypes.table) continue
    const { name, columns } = parse(tableHead, frame)
    const { rows, digest } = rowsAndDigest(frames, (bytes) => onBytes(name, bytes))
    yield { name, columns, rows, digest: async () => digest() }
  }
}

function rowsAndDigest(frames: AsyncGenerator<Frame>, onBytes: (bytes: number) => void) {
  let found: z.infer<typeof tableDigest> | undefined
  async function* rows(): AsyncGenerator<Buffer> {
    for (let next = await frames.next(); !next.done; next = await frames.next()) {
      const { type, content } = next.value
      if (type === frameTypes.digest) {
        found = parse(tableDigest, next.value)
        return
      }
      onBytes(content.length)
      yield content
    }
  }
  const digest = () => {
    if (found === undefined) throw new Error('The rows of a table have no digest.')
    return found
  }
  return { rows: rows(), digest }
}

async function* framesOf(file: string): AsyncGenerator<Frame> {
  const source = createReadStream(file)
  const unzip = createGunzip()
  source.on('error', (error) => unzip.destroy(error)).pipe(unzip)
  try {
    yield* readFrames(unzip)
  } finally {
    source.destroy()
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, { content }: Frame): z.output<Schema> {
  return schema.parse(JSON.parse(content.toString()))
}

function readErrorOf(file: string, error: unknown): CliError {
  if (error instanceof CliError) return error
  const code = sqlState(error)
  if (code === 'ENOENT') return new CliError(`There is no file ${file}.`)
  if (code === 'EACCES' || code === 'EISDIR') return new CliError(`The file ${file} cannot be read (${code}).`)
  return new CliError(`${file} is damaged, cut, or no backup of Rex. Nothing was written.`, { cause: error })
}
