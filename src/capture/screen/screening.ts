import type { CaptureInput } from '../read/input.ts'
import type { Screening, SpamReason } from '../write/prepared-capture.ts'
import { isDisposable } from './disposable-domains.ts'
import type { FormTokenReading, FormTokens } from './form-token.ts'
import type { ProofReading } from './proof-of-work.ts'

/** Judges what was posted by somebody who needs no key. */
export type Screen = (input: CaptureInput, now: Date, proof?: ProofReading) => Screening

/** What each sign counts: one holds a capture for people to look at, two make it spam (docs/decisions/0009). */
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
  // Not held for this alone: people write of such things, and text is escaped where it is shown.
  script_tag: 40,
  // These hold a capture by themselves, and make none spam: they say nothing about the person.
  over_budget: 0,
  over_storage: 0,
} satisfies Record<SpamReason, number>
/** On a form that a person had in front of them, a password manager may have filled the honeypot: it is HELD. */
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

/** A proof is judged where one was asked for. */
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
    const screening = judge(
      reasons.filter((reason) => typeof reason === 'string'),
      weights,
    )
    return proof?.kind === 'valid' ? { ...screening, proof: proof.proof } : screening
  }
}

/** The screening with one more reason; a proof of work stays with it. */
export function withReason({ proof, ...screening }: Screening, reason: SpamReason): Screening {
  const judged = screening.status === 'ACCEPTED' ? judge([reason]) : withFurther(screening, reason)
  return proof === undefined ? judged : { ...judged, proof }
}

function withFurther(screening: Exclude<Screening, { status: 'ACCEPTED' }>, reason: SpamReason): Screening {
  const reasons = [...screening.reasons, reason]
  return scores[reason] === 0 ? { status: screening.status, reasons } : judge(reasons)
}

function reasonsOfContent(input: CaptureInput): (SpamReason | false)[] {
  const { email } = input
  const texts = textsOf(input)
  return [
    isDisposable(email.slice(email.lastIndexOf('@') + 1)) && 'disposable_domain',
    texts.reduce((count, text) => count + countLinks(text), 0) > maxLinks && 'too_many_links',
    texts.some((text) => scriptPattern.test(text)) && 'script_tag',
  ]
}

function judge(reasons: readonly SpamReason[], weights: Readonly<Record<SpamReason, number>> = scores): Screening {
  const score = reasons.reduce((sum, reason) => sum + weights[reason], 0)
  if (score >= spamFrom) return { status: 'SPAM', reasons }
  const isHeld = score >= heldFrom || reasons.some((reason) => holding.includes(reason))
  return isHeld ? { status: 'HELD', reasons } : { status: 'ACCEPTED' }
}

/** Honeypot: people do not see the field, so only programs fill it in. */
function isFilled(bait: unknown): boolean {
  return bait !== undefined && bait !== null && bait !== ''
}

function textsOf({ fields: { firstName = '', lastName = '', source = '', metadata } }: CaptureInput): string[] {
  return [firstName, lastName, source, ...Object.values(metadata).filter((value) => typeof value === 'string')]
}

/** A value that is one address and nothing else is what a field for a page, a website or a profile holds. */
function countLinks(text: string): number {
  const count = text.match(linkPattern)?.length ?? 0
  return count === 1 && !/\s/.test(text.trim()) ? 0 : count
}
