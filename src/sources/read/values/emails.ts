import { normaliseEmail } from '../../../platform/text/email.ts'
import { trimInvisible } from '../../../platform/text/visible-text.ts'
import { isJsonObject, type JsonValue } from '../../payload.ts'
import { mentionsEmail } from '../aliases.ts'
import { type Finding, ownWords } from '../finding.ts'
import { wordSet } from '../labels.ts'
import { namesOtherPerson, namesSecondary, namesStranger } from '../strangers.ts'

/** Why no address is taken. */
export type EmailReason = 'needs_mapping' | 'ambiguous_email' | 'invalid_email'

export type EmailChoice =
  | { readonly email: string; readonly finding: Finding }
  | { readonly email: undefined; readonly reason: EmailReason }

/**
 * How sure it is that a value is the lead's address: the tool marks it, the label names it, the label does not
 * contradict it, or it is the lead's second address.
 */
type Rank = 'preset' | 'alias' | 'likely' | 'secondary'

interface Candidate {
  readonly rank: Rank
  readonly finding: Finding
  readonly addresses: readonly string[]
}

/** Longest text that is read as one address or a few. */
const maxTextLength = 1000
/** Values that are read as addresses: more of them are a list of people, and ambiguous long before. */
const maxCandidates = 200
/** Addresses in these values, of which no single one can be chosen. */
const maxAddresses = 500

/**
 * Chooses the lead's address: what the tool marks, else what the labels name. Two addresses that could both be the
 * lead's are never decided between.
 */
export function chooseEmail(findings: readonly Finding[]): EmailChoice {
  const candidates = candidatesOf(findings)
  if (candidates === undefined) return refused('ambiguous_email')
  const preset = candidates.filter(({ rank }) => rank === 'preset')
  if (preset.length > 0) return decide(withoutSecondary(preset))
  const guesses = candidates.filter(({ rank }) => rank === 'alias' || rank === 'likely')
  const valid = guesses.filter(({ addresses }) => addresses.length > 0)
  const isNamedInvalid = guesses.some(({ rank, addresses }) => rank === 'alias' && addresses.length === 0)
  // The field for the address holds none: another value is not taken in its place, unless its label names it as well.
  if (isNamedInvalid && !valid.some(({ rank }) => rank === 'alias')) return refused('invalid_email')
  if (valid.length > 0) return decide(valid)
  return decide(candidates.filter(({ rank }) => rank === 'secondary'))
}

/** Returns the addresses that a value consists of; empty when a part of it is none. */
export function addressesIn(value: JsonValue): string[] {
  if (typeof value === 'string') return addressesInText(value)
  if (isJsonObject(value) || !Array.isArray(value)) return []
  return value.slice(0, maxCandidates).flatMap((item: JsonValue) => addressesIn(item))
}

function mayHoldAddress(value: JsonValue): boolean {
  return typeof value === 'string' ? value.length <= maxTextLength && value.includes('@') : Array.isArray(value)
}

function addressesInText(value: string): string[] {
  if (value.length > maxTextLength || !value.includes('@')) return []
  const text = trimInvisible(value)
  const email = normaliseEmail(bareAddress(text))
  if (email !== undefined) return [email]
  const parts = text.split(/[,;\s]+/).filter((part) => part !== '')
  const emails = parts.flatMap((part) => normaliseEmail(bareAddress(part)) ?? [])
  return parts.length > 1 && emails.length === parts.length ? emails : []
}

/** Takes an address out of `Jane Doe <jane@example.com>` and `mailto:jane@example.com`. */
function bareAddress(text: string): string {
  const start = text.lastIndexOf('<')
  if (start >= 0 && text.endsWith('>')) return text.slice(start + 1, -1)
  return text.slice(0, 7).toLowerCase() === 'mailto:' ? text.slice(7) : text
}

/** Returns undefined when the values hold so many addresses that to read them takes long. */
function candidatesOf(findings: readonly Finding[]): Candidate[] | undefined {
  const candidates: Candidate[] = []
  let [read, found] = [0, 0]
  for (const finding of findings) {
    if (read >= maxCandidates) break
    if (mayHoldAddress(finding.value)) read++
    const addresses = addressesIn(finding.value)
    found += addresses.length
    if (found > maxAddresses) return undefined
    const rank = rankOf(finding, addresses.length > 0)
    if (rank !== undefined) candidates.push({ rank, finding, addresses })
  }
  return candidates
}

function rankOf(finding: Finding, isAddress: boolean): Rank | undefined {
  const { field, labels, standing } = finding
  if (field === 'email') return namesOtherPerson(ownWords(finding)) ? undefined : 'preset'
  if (field !== undefined || standing === 'stranger' || standing === 'thing') return undefined
  const isNamed = labels.some((label) => label.field === 'email')
  if (!(isNamed || isAddress) || typeof finding.value === 'boolean' || labels.some(({ words }) => namesStranger(words)))
    return undefined
  if (isAddress && namesSecondary(ownWords(finding))) return 'secondary'
  if (isNamed) return 'alias'
  return labels.some(({ words }) => mentionsEmail(words)) || isOpaque(ownWords(finding)) ? 'likely' : undefined
}

/** Words of field names that no person wrote. */
const machineWords = wordSet(
  'field fields input question q comp item text answer value control entry element id wpforms fld nf form cf custom dropdown',
)

/** Returns whether a label says nothing about its value: `input_5`, `comp-aaa2`, `2`. */
function isOpaque(words: readonly string[]): boolean {
  const isCode = (word: string) => word.length === 1 || /\d/.test(word)
  return words.some(isCode) && words.every((word) => machineWords.has(word) || isCode(word))
}

function withoutSecondary(candidates: readonly Candidate[]): readonly Candidate[] {
  const main = candidates.filter(({ finding }) => !namesSecondary(ownWords(finding)))
  return main.some(({ addresses }) => addresses.length > 0) ? main : candidates
}

function decide(candidates: readonly Candidate[]): EmailChoice {
  const emails = new Set(candidates.flatMap(({ addresses }) => addresses))
  const [email] = emails
  if (emails.size > 1) return refused('ambiguous_email')
  const chosen = candidates.find(({ addresses }) => addresses.length > 0)
  if (email !== undefined && chosen !== undefined) return { email, finding: chosen.finding }
  return refused(candidates.length > 0 ? 'invalid_email' : 'needs_mapping')
}

function refused(reason: EmailReason): EmailChoice {
  return { email: undefined, reason }
}
