import type { HeldSubmissionFragment } from '../../generated/graphql/graphql.ts'
import { button } from './action.ts'
import { badge } from './badge.ts'
import { element, foreign, moment } from './element.ts'
import { succeeded } from './problems.ts'
import type { Rex } from './rex.ts'
import { valueList } from './values.ts'

/** Called when nothing is left to decide, with what was. */
type Settled = (card: HTMLElement, word: string) => void

/** One submission, with what made it suspicious and what can be done about it. */
export function heldCard(rex: Rex, submission: HeldSubmissionFragment, settled: Settled): HTMLElement {
  const { id, status, spamReasons, fields, email, origin, receivedAt } = submission
  const problem = element('p', { class: 'problem', role: 'status' })
  const card = element(
    'article',
    { class: 'card', tabindex: -1, 'data-id': id },
    element('h3', {}, foreign(emailIn(fields) ?? email ?? 'Erased')),
    element(
      'p',
      { class: 'soft' },
      badge(status),
      ' ',
      moment(receivedAt),
      origin ? [' from ', foreign(origin)] : null,
    ),
    element(
      'p',
      {},
      'Because of: ',
      spamReasons.map((reason) => reason.replaceAll('_', ' ')).join(', ') || 'no reason',
    ),
    valueList(fields),
    problem,
  )
  if (rex.may('CONTACTS_WRITE')) {
    const tell = (word: string) => problem.replaceChildren(word)
    card.append(decisions(rex, submission, { tell, settle: (word) => settled(card, word) }))
  }
  return card
}

interface Outcomes {
  tell(word: string): void
  settle(word: string): void
}

function decisions(rex: Rex, { id, status }: HeldSubmissionFragment, { tell, settle }: Outcomes): HTMLElement {
  const release = async () => {
    succeeded((await rex.api.change('ReleaseSubmission', { id })).releaseSubmission)
    settle('Released: it is a lead now.')
  }
  const markSpam = async () => {
    succeeded((await rex.api.change('MarkSubmissionSpam', { id })).markSubmissionSpam)
    settle('Marked as spam.')
  }
  return element(
    'div',
    { class: 'buttons' },
    button('Release', release, { tell }),
    status === 'HELD' ? button('Mark as spam', markSpam, { tell }) : null,
  )
}

/** As posted; undefined where the fields were not kept. */
function emailIn(fields: unknown): string | undefined {
  const { email } = (fields ?? {}) as { email?: unknown }
  return typeof email === 'string' ? email : undefined
}
