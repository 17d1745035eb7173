import type { JsonValue } from '../../payload.ts'
import { isJsonObject } from '../../payload.ts'
import { answerOf } from '../answers.ts'
import type { Answer } from '../kind.ts'

/** Longest question that is looked for. */
const maxLabelLength = 300

/** Bounds of the search. Questions beyond them are named by their keys. */
const maxQuestions = 300
const maxPrettyLength = 16_000

/** Pieces of `pretty` that may lie between an answer and the next one that is found. */
const maxSkippedPieces = 30

/**
 * Returns the questions as Jotform shows them, by key. `pretty` holds them in the order of the answers:
 * `Full Name:Jane Doe, Email:jane@example.com`. A key whose value is not found there is left out.
 */
export function questionLabels(
  entries: readonly (readonly [string, JsonValue])[],
  pretty: string | undefined,
): ReadonlyMap<string, string> {
  const labels = new Map<string, string>()
  const text = (pretty ?? '').slice(0, maxPrettyLength)
  const pieces = piecesOf(text)
  let next = 0
  for (const [key, value] of entries.slice(0, maxQuestions)) {
    const shown = shownValue(value)
    const found = shown === '' ? undefined : findAnswer(text, pieces, next, shown)
    if (found === undefined) continue
    if (found.label !== '' && found.label.length <= maxLabelLength) labels.set(key, found.label)
    while (next < pieces.length && (pieces[next]?.start ?? 0) < found.end) next++
  }
  return labels
}

/** Part of `pretty` between two commas that may be a question and the start of its answer. */
interface Piece {
  readonly start: number
  readonly colon: number
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  let start = 0
  for (const part of text.split(', ')) {
    const colon = part.indexOf(':')
    if (colon > 0) pieces.push({ start, colon: start + colon })
    start += part.length + 2
  }
  return pieces
}

/** Finds the piece that is a label and this value, which may have commas itself. `end` is where the value ends. */
function findAnswer(text: string, pieces: readonly Piece[], from: number, shown: string) {
  for (const { start, colon } of pieces.slice(from, from + maxSkippedPieces)) {
    const end = colon + 1 + shown.length
    const isWhole = end === text.length || text.startsWith(', ', end)
    if (isWhole && text.startsWith(shown, colon + 1)) return { label: text.slice(start, colon).trim(), end }
  }
  return undefined
}

function shownValue(value: JsonValue): string {
  if (typeof value === 'string') return value.trim()
  if (typeof value === 'number') return String(value)
  const parts = isJsonObject(value) ? Object.values(value) : []
  return parts.filter((part) => typeof part === 'string' && part !== '').join(' ')
}

/** Reads `pretty` alone, for a request whose `rawRequest` cannot be opened. A value ends at the next `, name:`. */
export function readPretty(pretty: string | undefined): Answer[] {
  const answers = (pretty ?? '')
    .slice(0, maxPrettyLength)
    .split(', ')
    .flatMap((pair): (readonly [string, string])[] => {
      const colon = pair.indexOf(':')
      return colon < 1 ? [] : [[pair.slice(0, colon).trim(), pair.slice(colon + 1).trim()]]
    })
  return answers.flatMap(([label, value]) => answerOf(['pretty'], label, value))
}
