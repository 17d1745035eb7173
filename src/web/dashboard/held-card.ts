import type { HeldSubmissionFragment } from '../../generated/graphql/graphql.ts'
import { button } from './async-button.ts'
import { badge } from './badge.ts'
import { element, moment, untrustedText } from './element.ts'
import { unwrapResult } from './problems.ts'
import { valueList } from './values.ts'
import type { ViewContext } from './view-context.ts'

/** Called with the result after a submission was released or marked as spam. */
type Settled = (card: HTMLElement, message: string) => void

/** Creates a card for one submission, with the reasons of its spam check and the possible decisions. */
export function heldCard(context: ViewContext, submission: HeldSubmissionFragment, settled: Settled): HTMLElement {
  const { id, status, spamReasons, fields, email, origin, receivedAt } = submission
  const problem = element('p', { class: 'problem', role: 'status' })
  const card = element(
    'article',
    { class: 'card', tabindex: -1, 'data-id': id },
    element('h3', {}, untrustedText(emailIn(fields) ?? email ?? 'Erased')),
    element(
      'p',
      { class: 'soft' },
      badge(status),
      ' ',
      moment(receivedAt),
      origin ? [' from ', untrustedText(origin)] : null,
    ),
    element('p', {}, 'Reasons: ', spamReasons.map((reason) => reason.replaceAll('_', ' ')).join(', ') || 'none'),
    valueList(fields),
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
  { id, status }: HeldSubmissionFragment,
  { showMessage, settle }: Outcomes,
): HTMLElement {
  const release = async () => {
    unwrapResult((await context.api.mutate('ReleaseSubmission', { id })).releaseSubmission)
    settle('Released. It is a lead now.')
  }
  const markSpam = async () => {
    unwrapResult((await context.api.mutate('MarkSubmissionSpam', { id })).markSubmissionSpam)
    settle('Marked as spam.')
  }
  return element(
    'div',
    { class: 'buttons' },
    button('Release', release, { showMessage }),
    status === 'HELD' ? button('Mark as spam', markSpam, { showMessage }) : null,
  )
}

/** Returns the posted e-mail; undefined if the fields were not stored. */
function emailIn(fields: unknown): string | undefined {
  const { email } = (fields ?? {}) as { email?: unknown }
  return typeof email === 'string' ? email : undefined
}
