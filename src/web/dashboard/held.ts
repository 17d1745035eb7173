import type { SubmissionStatus } from '../../generated/graphql/graphql.ts'
import { button } from './async-button.ts'
import { element, scopeNotice } from './element.ts'
import { createHeldList } from './held-list.ts'
import { storageLine } from './storage-line.ts'
import type { ViewContext } from './view-context.ts'

/** Creates the moderation queue: submissions that are not leads yet, to release or to mark as spam. */
export function heldView(context: ViewContext): HTMLElement {
  const spam = element('input', { type: 'checkbox', id: 'spam' })
  const list = createHeldList(context, {
    read: async (after) => (await context.api.query('Held', { status: wanted(spam.checked), after })).submissions,
  })
  spam.addEventListener('change', () => list.restart())
  const again = button('Refresh', async () => list.restart())
  list.restart()
  return element(
    'section',
    {},
    element('div', { class: 'row' }, spam, element('label', { for: 'spam' }, 'Also show spam'), again),
    context.may('CONTACTS_WRITE') ? null : scopeNotice('CONTACTS_WRITE', 'Releasing'),
    storageLine(context),
    list.node,
  )
}

function wanted(withSpam: boolean): SubmissionStatus[] {
  return withSpam ? ['HELD', 'SPAM'] : ['HELD']
}
