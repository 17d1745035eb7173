/** An @ as URLs (also encoded twice), JSON inside a text, and HTML write it. */
const escapedAt = /%(?:25)*40|\\u0040|&#0*64;|&#x0*40;|&commat;/i
const escapedAts = new RegExp(escapedAt.source, 'gi')
/** Encodings that one text may have inside one another. */
const maxRounds = 3

/** Returns whether a text has an @ that is written as an escape. */
export function hasEscapedAt(text: string): boolean {
  // A search for a text takes a fraction of the time that a pattern takes for very many backslashes.
  const mayHaveOne = text.includes('%') || text.includes('&') || text.includes('0040')
  return mayHaveOne && escapedAt.test(text)
}

/** Escaped characters that an address may have before and after its sign. */
const [reachBefore, reachAfter] = [64 * 12, 253 * 12]

/**
 * Yields the parts of a text around signs that are escapes, as far as an address may reach; they do not overlap unless
 * one would be longer than `most`.
 */
export function* textsAroundEscapes(text: string, most: number): Generator<string> {
  if (!hasEscapedAt(text)) return
  let [start, end] = [0, -1]
  for (const { index } of text.matchAll(escapedAts)) {
    if (index - reachBefore > end || end - start > most) {
      if (end >= 0) yield text.slice(start, end)
      start = Math.max(0, index - reachBefore)
    }
    end = index + reachAfter
  }
  if (end >= 0) yield text.slice(start, end)
}

/** Text without escapes; `work`: characters that were decoded, those of each encoding by themselves. */
interface Decoded {
  readonly text: string
  readonly work: number
}

/** Decodes escapes of URLs, JSON and HTML, also those that were encoded again. What is malformed stays as it is. */
export function decodeEscapes(text: string): Decoded {
  let [decoded, work] = [text, 0]
  for (let round = 0; round < maxRounds && hasEscapedAt(decoded); round++) {
    work += decoded.length
    decoded = decodeOnce(decoded)
  }
  return { text: decoded, work }
}

function decodeOnce(text: string): string {
  const unescaped = text
    .replace(/(?:%[0-9a-f]{2})+/gi, bytesOf)
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return unescaped.includes('&') ? unescaped.replace(/&#0*64;|&#x0*40;|&commat;/gi, '@') : unescaped
}

/** Reads the bytes as UTF-8; a single one is ASCII in most texts. */
function bytesOf(escapes: string): string {
  if (escapes.length === 3) return String.fromCharCode(Number.parseInt(escapes.slice(1), 16))
  return Buffer.from(escapes.replaceAll('%', ''), 'hex').toString()
}
