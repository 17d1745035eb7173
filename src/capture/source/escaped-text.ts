/** An @ as URLs (also encoded twice), JSON inside a text, and HTML write it. */
const escapedAt = /%(?:25)*40|\\u0040|&#0*64;|&#x0*40;|&commat;/i
const escapedAts = new RegExp(escapedAt.source, 'gi')
/** Encodings that one text may have inside one another. */
const maxRounds = 3

/** Returns whether a text has an @ that is written as an escape. */
export function hasEscapedAt(text: string): boolean {
  return escapedAt.test(text)
}

/** Escaped characters that an address may have before and after its sign. */
const [reachBefore, reachAfter] = [64 * 12, 253 * 12]

/** Yields the parts of a text around signs that are escapes, as far as an address may reach; they do not overlap. */
export function* textsAroundEscapes(text: string): Generator<string> {
  let [start, end] = [0, -1]
  for (const { index } of text.matchAll(escapedAts)) {
    if (index - reachBefore > end) {
      if (end >= 0) yield text.slice(start, end)
      start = Math.max(0, index - reachBefore)
    }
    end = index + reachAfter
  }
  if (end >= 0) yield text.slice(start, end)
}

/** Decodes escapes of URLs, JSON and HTML, also those that were encoded again. What is malformed stays as it is. */
export function decodeEscapes(text: string): string {
  let decoded = text
  for (let round = 0; round < maxRounds && hasEscapedAt(decoded); round++) decoded = decodeOnce(decoded)
  return decoded
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
