import type { JsonValue } from '../payload.ts'
import { isJsonObject } from '../payload.ts'
import { answerOf } from './answers.ts'
import type { Answer } from './kind.ts'

/** Longest question that is looked for. */
const maxLabelLength = 300

/** Bounds of the search, which costs their product. Questions beyond them are named by their keys. */
const maxQuestions = 300
const maxPrettyLength = 16_000

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
  let position = 0
  for (const [key, value] of entries.slice(0, maxQuestions)) {
    const shown = shownValue(value)
    const start = shown === '' ? undefined : findValue(text, shown, position)
    if (start === undefined) continue
    const label = text.slice(position, start).replace(/^, /, '').trim()
    // A longer text spans a question whose value Jotform shows in another form: only its last part is the label.
    const own = label.slice(label.lastIndexOf(', ') + 1).trim()
    if (own !== '' && own.length <= maxLabelLength && !own.includes(':')) labels.set(key, own)
    position = start + shown.length + 1
  }
  return labels
}

/** Returns where `:value` stands as a whole value, or undefined. */
function findValue(pretty: string, shown: string, from: number): number | undefined {
  const start = pretty.indexOf(`:${shown}`, from)
  if (start === -1) return undefined
  const end = start + shown.length + 1
  return end === pretty.length || pretty.startsWith(', ', end) ? start : undefined
}

function shownValue(value: JsonValue): string {
  if (typeof value === 'string') return value.trim()
  if (typeof value === 'number') return String(value)
  const parts = isJsonObject(value) ? Object.values(value) : []
  return parts.filter((part) => typeof part === 'string' && part !== '').join(' ')
}

/** Reads `pretty` alone, for a request whose `rawRequest` cannot be opened. A value ends at the next `, name:`. */
export function readPretty(pretty: string | undefined): Answer[] {
  const answers = (pretty ?? '').split(', ').flatMap((pair): (readonly [string, string])[] => {
    const colon = pair.indexOf(':')
    return colon < 1 ? [] : [[pair.slice(0, colon).trim(), pair.slice(colon + 1).trim()]]
  })
  return answers.flatMap(([label, value]) => answerOf(['pretty'], label, value))
}
