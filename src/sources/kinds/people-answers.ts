import { isJsonObject, type JsonObject, type JsonValue } from '../payload.ts'
import {
  answerOf,
  answersOfEntries,
  assignedField,
  type EntryRules,
  type PathPart,
  textAt,
  unwrapped,
  valueAt,
} from './answers.ts'
import type { Answer, KindReading } from './kind.ts'

/** Words in a key that names somebody who works for the user of the tool, and never the lead. */
const staffWords = /host|organi[sz]er|owner|agent|admin|operator|assignee|assigned|teammate/i
const staffWord = /^(host|organi[sz]er|owner|agent|admin|operator|assignee|assigned|teammate)s?$/

/** Returns whether a key names a host, organiser, agent or owner: `hubspot_owner_id`, `organizerEmail`. */
export function isOfStaff(key: string): boolean {
  // Payloads have thousands of keys, and few of them hold such a word.
  if (!staffWords.test(key)) return false
  const words = key
    .slice(0, 100)
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
  return words.some((word) => staffWord.test(word))
}

/** Returns an answer for each entry of an object whose value is a text, a number or a list of those. */
export function answersOfTexts(
  object: JsonObject | undefined,
  base: readonly PathPart[],
  rules: EntryRules = {},
): Answer[] {
  if (object === undefined) return []
  return Object.entries(object)
    .filter(([key]) => rules.except?.has(key) !== true && !isOfStaff(key))
    .flatMap(([key, value]) => {
      const [parts, single] = unwrapped([...base, key], value)
      return isText(single) || isListOfTexts(single)
        ? answerOf(parts, key, single, assignedField(rules.fields ?? {}, key))
        : []
    })
}

/** Returns the answers of an object and of the objects in it, without those of hosts, agents and owners. */
export function answersOfPerson(
  object: JsonObject | undefined,
  base: readonly PathPart[],
  rules: EntryRules = {},
): Answer[] {
  return object === undefined ? [] : answersOfEntries(withoutStaff(object), base, rules)
}

function withoutStaff(object: JsonObject): JsonObject {
  const kept = Object.entries(object).filter(([key]) => !isOfStaff(key))
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutStaffIn(value)]))
}

function withoutStaffIn(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => withoutStaffIn(item))
  return isJsonObject(value) ? withoutStaff(value) : value
}

function isText(value: JsonValue): boolean {
  return typeof value === 'string' || typeof value === 'number'
}

function isListOfTexts(value: JsonValue): boolean {
  return Array.isArray(value) && value.every((item: JsonValue) => isText(item))
}

/** Names of UTM parameters in a tool's campaign object. */
const campaignNames: Readonly<Record<string, string>> = {
  source: 'utm_source',
  medium: 'utm_medium',
  name: 'utm_campaign',
  campaign: 'utm_campaign',
  term: 'utm_term',
  content: 'utm_content',
}

/** Returns a campaign object, such as `{source, medium, name}`, as UTM parameters. */
export function answersOfCampaign(campaign: JsonObject | undefined, base: readonly PathPart[]): Answer[] {
  return Object.entries(campaign ?? {}).flatMap(([key, value]) => {
    const label = Object.hasOwn(campaignNames, key) ? campaignNames[key] : key
    return isText(value) && !isOfStaff(key) ? answerOf([...base, key], label, value) : []
  })
}

/** Returns the values at some keys as metadata, where they are texts or numbers other than 0. */
export function metadataOf(
  value: JsonValue | undefined,
  base: readonly PathPart[],
  names: readonly string[],
): Answer[] {
  return names.flatMap((name) => {
    const text = textAt(value, name)
    return text === undefined || text === '0' ? [] : answerOf([...base, name], name, valueAt(value, name), 'metadata')
  })
}

/** Returns whether a value has the form of one e-mail address. It is no validation. */
export function isAddress(value: JsonValue | undefined): boolean {
  if (typeof value !== 'string' || value.length > 320) return false
  return /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$/.test(value.trim())
}

/** Returns whether answers tell how the person can be reached: an address, or a phone that the tool names. */
function canReach(answers: readonly Answer[]): boolean {
  return answers.some(({ field, value }) => field === 'phone' || (field !== 'metadata' && isAddress(value)))
}

/**
 * Returns a lead; one that is ignored unless the user's mapping finds an address when the tool names no way to reach
 * anybody, such as a chat message of an unknown visitor.
 */
export function leadIfReachable(event: string, answers: readonly Answer[]): KindReading {
  return { outcome: 'lead', answers, ...(!canReach(answers) && { ignoredWithoutAddress: event }) }
}

/**
 * Returns the name of an event. A text that is none of the tool's names, and a value of another type, count as missing,
 * so that a lead is not ignored for it.
 */
export function eventAt(body: JsonValue, key: string, names: RegExp): string | undefined {
  const [, value] = unwrapped([], valueAt(body, key) ?? null)
  return typeof value === 'string' && names.test(value.trim()) ? value.trim() : undefined
}

/** Joins the parts of an id for repeats; undefined when one is missing. */
export function joinedId(...parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join(' ')
}
