/** Invisible characters: soft hyphen, fillers, zero-width and bidi controls, word joiners, byte order mark. */
const invisiblePattern =
  /[\s\u00ad\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u2800\u3164\ufeff]/

/**
 * Removes white space and invisible characters at both ends. Inside a text joiners stay, since emoji and some scripts
 * need them. It is a loop, since the time of a regular expression grows with the square of a run of spaces.
 */
export function trimInvisible(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isInvisible(text.charCodeAt(start))) start++
  while (end > start && isInvisible(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

/** Returns whether a text has nothing visible. */
export function isInvisibleText(text: string): boolean {
  let at = 0
  while (at < text.length && isInvisible(text.charCodeAt(at))) at++
  return at === text.length
}

/** Whether each unit of UTF-16 is invisible: a pattern takes ten times as long. */
const invisibleCodes = Uint8Array.from({ length: 0x1_00_00 }, (_, code) =>
  invisiblePattern.test(String.fromCharCode(code)) ? 1 : 0,
)

function isInvisible(code: number): boolean {
  return invisibleCodes[code] === 1
}

/**
 * Returns the text as one line in NFC: a line break becomes a space; control characters and bidi overrides, which could
 * falsify the displayed text, are removed.
 */
export function toVisibleLine(text: string): string {
  const line = text.replace(/[\t\r\n\u2028\u2029]+/g, ' ').replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '')
  return trimInvisible(line.normalize('NFC'))
}
