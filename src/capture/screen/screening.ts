import type { CaptureInput } from '../read/input.ts'
import type { Screening, SpamReason } from '../write/prepared-capture.ts'
import { isDisposable } from './disposable-domains.ts'
import type { FormTokenReading, FormTokens } from './form-token.ts'
import type { ProofReading } from './proof-of-work.ts'

/** Screens a capture from a caller without a key. */
export type Screen = (input: CaptureInput, now: Date, proof?: ProofReading) => Screening

/** Score of each sign of spam: one sign holds a capture for review, two make it spam (docs/decisions/0009). */
const scores = {
  honeypot: 100,
  form_too_fast: 50,
  form_token_expired: 50,
  form_token_invalid: 50,
  proof_missing: 50,
  proof_expired: 50,
  proof_invalid: 50,
  proof_reused: 50,
  disposable_domain: 50,
  too_many_links: 50,
  // Not enough to hold a capture: people write about scripts, and text is escaped where it is shown.
  script_tag: 40,
  // These hold a capture and never make it spam: they say nothing about the person.
  over_budget: 0,
  over_storage: 0,
} satisfies Record<SpamReason, number>
/**
 * Scores for a form that a person had open: a password manager may have filled the honeypot, so the capture is HELD.
 */
const shownFormScores = { ...scores, honeypot: 50 }
const holding: readonly SpamReason[] = ['over_budget', 'over_storage']
const heldFrom = 50
const spamFrom = 90

const formReasons: Readonly<Partial<Record<FormTokenReading, SpamReason>>> = {
  too_young: 'form_too_fast',
  expired: 'form_token_expired',
  invalid: 'form_token_invalid',
}

const proofReasons: Readonly<Partial<Record<ProofReading['kind'], SpamReason>>> = {
  missing: 'proof_missing',
  expired: 'proof_expired',
  invalid: 'proof_invalid',
}

const maxLinks = 3
const linkPattern = /https?:\/\/(?:www\.)?|\bwww\./gi
const scriptPattern = /<\s*\/?\s*script\b/i

/** Creates the screen. A proof of work is scored only when the workspace requires one. */
export function createScreen({ readFormToken }: Pick<FormTokens, 'readFormToken'>): Screen {
  return (input, now, proof) => {
    const { controls } = input
    const form = readFormToken(controls['_t'], now)
    const reasons: (SpamReason | false | undefined)[] = [
      isFilled(controls['_gotcha']) && 'honeypot',
      formReasons[form],
      proof && proofReasons[proof.kind],
      ...reasonsOfContent(input),
    ]
    const weights = form === 'valid' ? shownFormScores : scores
    const screening = score(
      reasons.filter((reason) => typeof reason === 'string'),
      weights,
    )
    return proof?.kind === 'valid' ? { ...screening, proof: proof.proof } : screening
  }
}

/** Screens a lead of a source by its content alone. A lead is held at most: spam is deleted after a while. */
export function screenLead(lead: ScreenedLead): Screening {
  const screening = score(reasonsOfContent(lead).filter((reason) => typeof reason === 'string'))
  return screening.status === 'ACCEPTED' ? screening : { ...screening, status: 'HELD' }
}

type ScreenedLead = Pick<CaptureInput, 'email' | 'fields'>

/** Returns the screening with one more reason; it keeps its proof of work. */
export function withReason({ proof, ...screening }: Screening, reason: SpamReason): Screening {
  const scored = screening.status === 'ACCEPTED' ? score([reason]) : addReason(screening, reason)
  return proof === undefined ? scored : { ...scored, proof }
}

function addReason(screening: Exclude<Screening, { status: 'ACCEPTED' }>, reason: SpamReason): Screening {
  const reasons = [...screening.reasons, reason]
  return scores[reason] === 0 ? { status: screening.status, reasons } : score(reasons)
}

function reasonsOfContent(input: ScreenedLead): (SpamReason | false)[] {
  const { email } = input
  const texts = textsOf(input)
  return [
    isDisposable(email.slice(email.lastIndexOf('@') + 1)) && 'disposable_domain',
    texts.reduce((count, text) => count + countLinks(text), 0) > maxLinks && 'too_many_links',
    texts.some((text) => scriptPattern.test(text)) && 'script_tag',
  ]
}

function score(reasons: readonly SpamReason[], weights: Readonly<Record<SpamReason, number>> = scores): Screening {
  const total = reasons.reduce((sum, reason) => sum + weights[reason], 0)
  if (total >= spamFrom) return { status: 'SPAM', reasons }
  const isHeld = total >= heldFrom || reasons.some((reason) => holding.includes(reason))
  return isHeld ? { status: 'HELD', reasons } : { status: 'ACCEPTED' }
}

/** Checks the honeypot: people do not see the field, so only programs fill it in. */
function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

function textsOf({ fields: { firstName = '', lastName = '', source = '', metadata } }: ScreenedLead): string[] {
  return [firstName, lastName, source, ...Object.values(metadata).filter((value) => typeof value === 'string')]
}

/**
 * Counts the links of a text. A value that is one URL and nothing else counts as none: fields for a website hold such
 * values.
 */
function countLinks(text: string): number {
  const count = text.match(linkPattern)?.length ?? 0
  return count === 1 && !/\s/.test(text.trim()) ? 0 : count
}
