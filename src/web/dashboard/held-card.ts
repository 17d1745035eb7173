import type { HeldSubmissionFragment } from '../../generated/graphql/graphql.ts'
import { button } from './async-button.ts'
import { badge } from './badge.ts'
import { type Child, element, moment, untrustedText } from './element.ts'
import { unwrapResult } from './problems.ts'
import { reasonsText } from './reasons.ts'
import { valueList } from './values.ts'
import type { ViewContext } from './view-context.ts'

/** Called with the result after a submission was released or marked as spam. */
type Settled = (card: HTMLElement, message: string) => void

/** Creates a card for one submission, with the reasons why it is no lead yet and the possible decisions. */
export function heldCard(
  context: ViewContext,
  submission: HeldSubmissionFragment,
  settled: Settled,
  more: Child = null,
): HTMLElement {
  const { id, status, reasons, fields, origin, receivedAt } = submission
  const problem = element('p', { class: 'problem', role: 'status' })
  const card = element(
    'article',
    { class: 'card', tabindex: -1, 'data-id': id },
    element('h3', {}, untrustedText(emailOf(submission) ?? (reasons.length > 0 ? 'Without an e-mail' : 'Erased'))),
    element(
      'p',
      { class: 'soft' },
      badge(status),
      ' ',
      moment(receivedAt),
      origin ? [' from ', untrustedText(origin)] : null,
    ),
    element('p', {}, 'Reasons: ', untrustedText(reasonsText(submission) || 'none')),
    valueList(fields),
    more,
    problem,
  )
  if (context.may('CONTACTS_WRITE')) {
    const showMessage = (message: string) => problem.replaceChildren(message)
    card.append(decisions(context, submission, { showMessage, settle: (message) => settled(card, message) }))
  }
  return card
}

interface Outcomes {
  showMessage(message: string): void
  settle(message: string): void
}

function decisions(
  context: ViewContext,
  submission: HeldSubmissionFragment,
  { showMessage, settle }: Outcomes,
): HTMLElement {
  const { id, status, reasons } = submission
  const email = element('input', { type: 'email', 'aria-label': 'E-mail by hand', placeholder: 'E-mail by hand' })
  const release = async () => {
    const variables = { id, email: email.value.trim() || null }
    unwrapResult((await context.api.mutate('ReleaseSubmission', variables)).releaseSubmission)
    settle('Released. It is a lead now.')
  }
  const markSpam = async () => {
    unwrapResult((await context.api.mutate('MarkSubmissionSpam', { id })).markSubmissionSpam)
    settle('Marked as spam.')
  }
  return element(
    'div',
    { class: 'buttons' },
    // Only a source takes an e-mail by hand.
    reasons.length > 0 && emailOf(submission) === undefined ? email : null,
    button('Release', release, { showMessage }),
    status === 'HELD' ? button('Mark as spam', markSpam, { showMessage }) : null,
  )
}

/** Returns the posted e-mail, or that of the contact that it would create; undefined without one. */
function emailOf({ fields, email }: HeldSubmissionFragment): string | undefined {
  const { email: posted } = (fields ?? {}) as { email?: unknown }
  return typeof posted === 'string' ? posted : (email ?? undefined)
}
