import { isDisposable } from './disposable-domains.ts'
import type { FormTokenReading, FormTokens } from './form-token.ts'
import type { CaptureInput } from './input.ts'
import type { Screening } from './record.ts'

/** Judges what was posted by somebody who needs no key. */
export type Screen = (input: CaptureInput, now: Date) => Screening

/** What each sign counts: one holds a capture for people to look at, two make it spam (docs/decisions/0009). */
const scores = {
  honeypot: 100,
  form_too_fast: 50,
  form_token_expired: 50,
  form_token_invalid: 50,
  disposable_domain: 50,
  too_many_links: 50,
  // Not held for this alone: people write of such things, and text is escaped where it is shown.
  script_tag: 40,
} as const
const heldFrom = 50
const spamFrom = 90

type SpamReason = keyof typeof scores

const formReasons: Readonly<Partial<Record<FormTokenReading, SpamReason>>> = {
  too_young: 'form_too_fast',
  expired: 'form_token_expired',
  invalid: 'form_token_invalid',
}

const maxLinks = 3
const linkPattern = /https?:\/\/(?:www\.)?|\bwww\./gi
const scriptPattern = /<\s*\/?\s*script\b/i

export function createScreen({ readFormToken }: Pick<FormTokens, 'readFormToken'>): Screen {
  return (input, now) => {
    const { controls, email } = input
    const texts = textsOf(input)
    const formReason = formReasons[readFormToken(controls['_t'], now)]
    const reasons: (SpamReason | false | undefined)[] = [
      isFilled(controls['_gotcha']) && 'honeypot',
      formReason,
      isDisposable(email.slice(email.lastIndexOf('@') + 1)) && 'disposable_domain',
      texts.reduce((count, text) => count + countLinks(text), 0) > maxLinks && 'too_many_links',
      texts.some((text) => scriptPattern.test(text)) && 'script_tag',
    ]
    return judge(reasons.filter((reason) => typeof reason === 'string'))
  }
}

function judge(reasons: readonly SpamReason[]): Screening {
  const score = reasons.reduce((sum, reason) => sum + scores[reason], 0)
  if (score < heldFrom) return { status: 'ACCEPTED' }
  return { status: score < spamFrom ? 'HELD' : 'SPAM', reasons }
}

/** Who fills the field that people do not see is no person. */
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
