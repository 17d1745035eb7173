import type { Kind } from '../kinds/kind.ts'
import { boundPayload } from '../mapping/bounds.ts'
import { formatPath, type PathPart } from '../mapping/path.ts'
import { isJsonObject, type JsonValue, type Payload } from '../payload.ts'
import { cutText, isBlank, textOf } from '../value-text.ts'
import { readPayload } from './answers.ts'
import { type Finding, fieldOf, isField, pathOf, trackingKeyOf } from './finding.ts'
import { isDropped } from './values/metadata.ts'

/** A value of a payload that a user may map to a field. */
export interface LeadCandidate {
  /** Path in the mapping language. */
  readonly path: string
  readonly value: string
  /** Field as a mapping writes it, which the value is taken for; null where it is metadata under its label. */
  readonly guess: string | null
}

const maxCandidates = 500
const maxValueLength = 500
/** A rule accepts no longer path. */
const maxPathLength = 200

/** Lists the values of a payload with their paths, at most 500, each cut at 500 characters. */
export function candidatesOf(payload: Payload, kind: Kind | undefined, kinds: readonly Kind[]): LeadCandidate[] {
  const body = boundPayload(payload.body)
  const reading = readPayload({ ...payload, body }, kind, kinds)
  const secretKeys = new Set([...(kind?.secretKeys ?? []), ...(reading.kind?.secretKeys ?? [])])
  const findings = reading.outcome === 'ignored' ? [] : reading.findings
  const guesses = new Map(findings.map((finding) => [pathOf(finding), guessOf(finding)] as const))
  const candidates: LeadCandidate[] = []
  for (const leaf of leavesOf(body, [])) {
    if (candidates.length >= maxCandidates) break
    if (isHidden(leaf.parts, secretKeys)) continue
    const path = formatPath(leaf.parts)
    if (path.length > maxPathLength) continue
    const value = cutText(textOf(leaf.value), maxValueLength)
    candidates.push({ path, value, guess: guesses.get(path) ?? null })
  }
  return candidates
}

interface Leaf {
  readonly parts: readonly PathPart[]
  readonly value: JsonValue
}

/** Yields scalars and lists of scalars. */
function* leavesOf(value: JsonValue, parts: readonly PathPart[]): Generator<Leaf> {
  if (isJsonObject(value)) yield* leavesOfEntries(Object.entries(value), parts)
  else if (Array.isArray(value) && value.some(isContainer)) yield* leavesOfEntries([...value.entries()], parts)
  else if (!isBlank(value)) yield { parts, value }
}

function* leavesOfEntries(
  entries: readonly (readonly [PathPart, JsonValue])[],
  parts: readonly PathPart[],
): Generator<Leaf> {
  for (const [part, child] of entries) yield* leavesOf(child, [...parts, part])
}

function isContainer(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null
}

function isHidden(parts: readonly PathPart[], secretKeys: ReadonlySet<string>): boolean {
  const last = parts.findLast((part) => typeof part === 'string') ?? ''
  return isDropped(last) || parts.some((part) => typeof part === 'string' && secretKeys.has(part))
}

function guessOf(finding: Finding): string | null {
  const tracked = finding.field === undefined ? trackingKeyOf(finding) : undefined
  if (tracked !== undefined) return `metadata.${tracked}`
  const field = fieldOf(finding)
  return field !== undefined && field !== 'metadata' && isField(finding, field) ? field : null
}
