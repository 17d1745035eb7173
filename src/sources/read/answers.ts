import { LRUCache } from 'lru-cache'
import { wordsOf } from '../../platform/text/words.ts'
import type { Answer, Kind, KindReading } from '../kinds/kind.ts'
import { isMarkedAsTest } from '../kinds/test-mark.ts'
import { type PathPart, parsePath } from '../mapping/path.ts'
import { isJsonObject, type JsonValue, type Payload } from '../payload.ts'
import { withoutSecrets } from '../secret-keys.ts'
import { isBlank, textOf } from '../value-text.ts'
import type { Finding, Standing } from './finding.ts'
import { flatten, flattenValue } from './flatten.ts'
import { labelOf } from './label.ts'
import { NameBudget } from './name-budget.ts'
import { isListedOption, isOption } from './pairs.ts'
import { namesOtherPerson } from './strangers.ts'

/** Reading of a payload, and the kind whose shape it has; undefined when its shape is unknown. */
export type PayloadReading =
  | {
      readonly outcome: 'lead' | 'test' | 'needs_fetch'
      readonly findings: readonly Finding[]
      readonly kind?: Kind
      readonly ignoredWithoutAddress?: string
    }
  | { readonly outcome: 'ignored'; readonly event: string; readonly kind?: Kind }

/**
 * Reads a payload as the source's kind does, else as the kind whose shape it has, else as a whole. The body is a bounded
 * one.
 */
export function readPayload(payload: Payload, kind: Kind | undefined, kinds: readonly Kind[]): PayloadReading {
  const recognized = recognizeKind(payload, kind, kinds)
  if (recognized === undefined) {
    const body = withoutSecrets(payload.body, kind?.secretKeys ?? [])
    return {
      outcome: isMarkedAsTest(payload.body) ? 'test' : 'lead',
      findings: isJsonObject(body) ? flatten(body) : [],
    }
  }
  const reading: KindReading = recognized.read(payload)
  if (reading.outcome === 'ignored') return { ...reading, kind: recognized }
  const { answers, ...rest } = reading
  return { ...rest, findings: findingsOfAnswers(answers), kind: recognized }
}

function recognizeKind(payload: Payload, kind: Kind | undefined, kinds: readonly Kind[]): Kind | undefined {
  if (kind?.recognizes(payload)) return kind
  const other = kinds.find((each) => each !== kind && each.name !== 'GENERIC' && each.recognizes(payload))
  return other ?? (kind?.namesEvent?.(payload) ? kind : undefined)
}

function findingsOfAnswers(answers: readonly Answer[]): Finding[] {
  const budget = new NameBudget()
  return answers.filter(({ label, value }) => budget.takes(label, value)).flatMap(findingsOf)
}

/** Returns the findings of an answer: one, or one for each entry of an object such as `{"first": …, "last": …}`. */
function findingsOf(answer: Answer): Finding[] {
  const { path, label, field } = answer
  if (isBlank(answer.value)) return []
  const value = withOptionTexts(answer.value)
  const standing = field === undefined ? standingOf(path) : 'plain'
  if (isJsonObject(value)) return findingsWithin(answer, value, standing)
  return [
    {
      place: path,
      labels: [labelOf(label)],
      keyText: label,
      value,
      container: [],
      standing,
      ...(field && { field }),
    },
  ]
}

/** Forms send the same paths with every lead. */
const knownStandings = new LRUCache<string, Standing>({ max: 5000 })
/** Longest parent that is remembered, so that payloads with long keys take no memory. */
const maxKnownLength = 100

/** Users of a form builder may nest their own names: `organizer.email` is no more the lead's there than elsewhere. */
function standingOf(path: string): Standing {
  const end = Math.max(path.lastIndexOf('.'), path.lastIndexOf('['))
  if (end <= 0) return 'plain'
  const parent = path.slice(0, end)
  const known = knownStandings.get(parent)
  if (known !== undefined) return known
  const standing = namesOtherPerson(wordsOf(parent)) ? 'stranger' : 'plain'
  if (end <= maxKnownLength) knownStandings.set(parent, standing)
  return standing
}

/** The parts of a full name are names of their own; every other part keeps its field as metadata only. */
function findingsWithin({ path, label, field }: Answer, value: JsonValue, standing: Standing): Finding[] {
  const within = flattenValue(value, label, partsOf(path))
  const isMetadata = field === 'metadata'
  return within.map(({ field: _, ...finding }) => ({
    ...finding,
    container: [],
    standing: finding.standing === 'stranger' ? finding.standing : standing,
    ...(isMetadata && { field: 'metadata' as const }),
    ...((field === 'email' || field === 'phone') && finding.labels.some(({ text }) => text === label) && { field }),
  }))
}

function withOptionTexts(value: JsonValue): JsonValue {
  if (isJsonObject(value)) return isOption(value) ? textOf(value) : value
  if (!Array.isArray(value) || !value.some((item) => typeof item === 'object')) return value
  return value.map((item: JsonValue) =>
    isJsonObject(item) && !isListedOption(item) ? joinedTexts(item) : textOf(item),
  )
}

function joinedTexts(value: JsonValue): string {
  return isJsonObject(value) ? textOf(Object.values(value)) : textOf(value)
}

function partsOf(path: string): PathPart[] {
  const parsed = parsePath(path)
  const steps = parsed.isValid ? parsed.steps : []
  return steps.map((step) => {
    if (step.kind === 'index') return step.index
    return step.kind === 'name' ? step.name : step.value
  })
}
