/**
 * Returns a text of other people without control characters and bidirectional overrides: it cannot move the cursor,
 * change colours or look like another text in a terminal.
 */
export function printable(text: string): string {
  return text.replaceAll(/\r\n|[\n\t]/g, ' ').replaceAll(hidden, '\u{FFFD}')
}

const hidden = /[\p{Cc}\u{202A}-\u{202E}\u{2066}-\u{2069}]/gu

/** Returns one line of JSON, with the control characters escaped that JSON itself allows. */
export function jsonLine(value: unknown): string {
  return escapeControls(JSON.stringify(value))
}

/** Returns indented JSON, with the control characters escaped that JSON itself allows. */
export function indentedJson(value: unknown): string {
  return escapeControls(JSON.stringify(value, null, 2))
}

function escapeControls(json: string): string {
  return json.replaceAll(
    /[\u{7F}-\u{9F}\u{202A}-\u{202E}\u{2066}-\u{2069}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
