import { type LeadFilter, variablesOf } from '../list/lead-filter.ts'

export type ExportFormat = 'csv' | 'json'

export interface ExportProgress {
  readonly rows: number
  readonly bytes: number
}

interface ExportRequest {
  readonly filter: LeadFilter
  readonly format: ExportFormat
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly onProgress: (progress: ExportProgress) => void
}

const [newline, quote] = [0x0a, 0x22]
const types = { csv: 'text/csv', json: 'application/json' }

/**
 * Reads the export of the server as it comes.
 * @throws Error with words for the user; a stream that was cut is no export
 */
export async function readExport(request: ExportRequest): Promise<{ file: Blob; progress: ExportProgress }> {
  const { format, headers, signal, onProgress } = request
  const response = await fetch(addressOf(request), { headers, signal })
  if (!response.ok || response.body === null) throw new Error(await refusalOf(response))
  const counter = createRowCounter(format)
  const parts: BlobPart[] = []
  let bytes = 0
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new Error('The export was cut off. Nothing was saved; try again.')
    })
    if (done) break
    parts.push(value)
    bytes += value.byteLength
    onProgress({ rows: counter(value), bytes })
  }
  return { file: new Blob(parts, { type: types[format] }), progress: { rows: counter(new Uint8Array()), bytes } }
}

function addressOf({ filter, format }: ExportRequest): string {
  const { filter: conditions, search } = variablesOf(filter)
  const parameters = new URLSearchParams({ format })
  if (conditions) parameters.set('filter', JSON.stringify(conditions))
  if (search !== undefined) parameters.set('search', search)
  return `/contacts/export?${parameters}`
}

async function refusalOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined)
  return messageIn(body) ?? `The export was refused with ${response.status}.`
}

function messageIn(body: unknown): string | undefined {
  const error = (body as { error?: { message?: unknown } } | undefined)?.error
  return typeof error?.message === 'string' ? error.message : undefined
}

/** Returns a function that counts rows over chunks: their line ends, but not those inside of a quoted cell. */
function createRowCounter(format: ExportFormat): (chunk: Uint8Array) => number {
  // CSV has a head line. In JSON each lead follows a line end, and one more ends the file.
  let lines = -1
  let isQuoted = false
  return (chunk) => {
    for (const byte of chunk) {
      if (byte === quote && format === 'csv') isQuoted = !isQuoted
      else if (byte === newline && !isQuoted) lines++
    }
    return Math.max(lines, 0)
  }
}
