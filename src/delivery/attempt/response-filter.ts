/** Filters the bytes of one connection between the receiver and the parser. */
export interface ResponseFilter {
  /** Prepares for the response to the next request. */
  begin(): void
  /** Returns the bytes for the parser: everything except informational responses. */
  read(chunk: Buffer): Buffer
  /** Whether a byte of the response has arrived. */
  readonly hasBegun: boolean
  /** Last status line received, as printable ASCII of at most 100 characters. */
  readonly statusLine: string | undefined
}

/**
 * Removes informational responses: RFC 9110, 15.2, requires a client to accept any number of them, even unrequested, and
 * undici fails the request at an unrequested `100 Continue`. 101 stays, because it would end HTTP on the connection.
 */
export function createResponseFilter(): ResponseFilter {
  // Bytes before the first request are invalid; the parser refuses them.
  let isPassing = true
  let held: Buffer = noBytes
  let line: Buffer = noBytes
  let droppedBytes = 0
  let hasBegun = false

  const pass = (bytes: Buffer): Buffer => {
    isPassing = true
    line = bytes.subarray(0, maxLineBytes)
    return bytes
  }

  const skipHeads = (received: Buffer): Buffer => {
    let bytes = withoutLeadingLineBreaks(received)
    while (droppedBytes < maxDroppedBytes) {
      const kind = kindOf(bytes)
      if (kind === 'final') return pass(bytes)
      const end = endOfHead(bytes)
      if (kind === 'undecided' || (end < 0 && bytes.length < maxHeadBytes)) {
        // A copy, because the chunk may be part of a much larger buffer.
        held = Buffer.from(bytes)
        return noBytes
      }
      if (end < 0) return pass(bytes)
      line = Buffer.from(bytes.subarray(0, Math.min(end, maxLineBytes)))
      droppedBytes += end
      bytes = withoutLeadingLineBreaks(bytes.subarray(end))
    }
    return pass(bytes)
  }

  const read = (chunk: Buffer): Buffer => {
    hasBegun ||= chunk.length > 0
    if (!isPassing) return skipHeads(held.length === 0 ? chunk : Buffer.concat([held, chunk]))
    if (line.length < maxLineBytes && !line.includes(lineFeed))
      line = Buffer.concat([line, chunk.subarray(0, maxLineBytes - line.length)])
    return chunk
  }

  const begin = () => {
    isPassing = false
    hasBegun = false
    droppedBytes = 0
    held = noBytes
    line = noBytes
  }

  return {
    begin,
    read,
    get hasBegun() {
      return hasBegun
    },
    get statusLine() {
      return printableStatusLine(line.length === 0 ? held : line)
    },
  }
}

const noBytes: Buffer = Buffer.alloc(0)
const [lineFeed, carriageReturn] = [0x0a, 0x0d]
const maxLineBytes = 100
/** The parser's own limit for a response head. */
const maxHeadBytes = 16_384
/** Bytes of informational responses that are removed; the parser receives the rest and refuses it. */
const maxDroppedBytes = 65_536

const informational = /^HTTP\/1\.[01] 1(?!01)\d\d[ \r\n]/
const sample = 'HTTP/1.1 102 '

function kindOf(bytes: Buffer): 'informational' | 'final' | 'undecided' {
  const start = bytes.toString('latin1', 0, sample.length)
  // The bytes still missing may make it informational.
  if (!informational.test(start + sample.slice(start.length))) return 'final'
  return start.length < sample.length ? 'undecided' : 'informational'
}

/** RFC 9112, 2.2: a recipient ignores empty lines before a start line. */
function withoutLeadingLineBreaks(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== carriageReturn && byte !== lineFeed)
  return start < 0 ? noBytes : bytes.subarray(start)
}

/** RFC 9112, 2.2: a line may end with a bare LF. Returns -1 if the end has not arrived yet. */
function endOfHead(bytes: Buffer): number {
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) {
    if (bytes[at + 1] === lineFeed) return at + 2
    if (bytes[at + 1] === carriageReturn && bytes[at + 2] === lineFeed) return at + 3
  }
  return -1
}

function printableStatusLine(bytes: Buffer): string | undefined {
  const [first = ''] = bytes.toString('latin1', 0, maxLineBytes).split(/[\r\n]/, 1)
  return /^HTTP\/\d/.test(first) ? first.replace(/[^\x20-\x7e]/g, '?').trimEnd() : undefined
}
