/** Marks that a file uses. */
export interface CsvDialect {
  readonly delimiter: string
  readonly lineEnds: readonly string[]
}

const delimiters = [',', ';', '\t', '|'] as const

/** Finds the separator of the first line: the most frequent one outside of quotes. */
export function dialectOf(head: string): CsvDialect {
  const lineEnds = head.includes('\n') || !head.includes('\r') ? ['\r\n', '\n'] : ['\r']
  const counts = new Map<string, number>()
  for (const character of unquotedLine(head)) counts.set(character, (counts.get(character) ?? 0) + 1)
  const [best] = delimiters.toSorted((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0))
  return { delimiter: best ?? ',', lineEnds }
}

/** Returns the first line that is not blank, without what is in quotes. */
function unquotedLine(head: string): string {
  const [line = ''] = head
    .trimStart()
    .replace(/"(?:[^"]|"")*"/g, '')
    .split(/[\r\n]/, 1)
  return line
}

/** Names a separator for people. */
export function nameOfDelimiter(delimiter: string): string {
  return delimiter === '\t' ? 'tab' : delimiter
}
