import { button } from './async-button.ts'
import { element, scopeNotice } from './element.ts'
import { createHeldList } from './held-list.ts'
import { unwrapResult } from './problems.ts'
import { Refusal } from './refusal.ts'
import type { ViewContext } from './view-context.ts'

interface SourceHeld {
  readonly node: HTMLElement
  /** Reads the list again if something new has arrived. */
  arrived(newest: { readonly id: string } | undefined): void
}

/** Creates the list of what a source holds, to release one by one or all that the mapping understands by now. */
export function createSourceHeld(context: ViewContext, id: string, open: (submissionId: string) => void): SourceHeld {
  if (!context.may('CONTACTS_READ')) return { node: scopeNotice('CONTACTS_READ', 'What is held'), arrived: () => {} }
  const list = createHeldList(context, {
    read: async (after) => {
      const { source } = await context.api.query('HeldBySource', { id, after })
      if (source === null) throw new Refusal('NOT_FOUND', 'This source no longer exists.')
      return source.submissions
    },
    more: (submission) =>
      context.may('PII_READ') ? button('Show its payload', async () => open(submission.id)) : null,
  })
  const releaseAll = async () => {
    const { releaseHeld: result } = await context.api.mutate('ReleaseHeld', { id })
    const { released, stillHeld } = unwrapResult<{ released: number; stillHeld: number }>(result)
    list.showMessage(`${released} released, ${stillHeld} still held.`)
    list.restart()
  }
  let shown: string | undefined
  const arrived: SourceHeld['arrived'] = (newest) => {
    if (newest?.id === shown || list.isInUse()) return
    shown = newest?.id
    list.restart()
  }
  list.restart()
  const release = context.may('CONTACTS_WRITE')
    ? button('Release all', releaseAll, { showMessage: list.showMessage })
    : scopeNotice('CONTACTS_WRITE', 'Releasing')
  return { node: element('div', {}, release, list.node), arrived }
}
