import {
  ChangeStageDocument,
  ChangeStagesDocument,
  type LeadFragment,
} from '../../../../../../generated/graphql/graphql.ts'
import { problemOf } from '../../../../connection/problem.ts'
import { useChange } from '../../../../connection/reading.ts'
import { useSignedIn } from '../../../../connection/signed-in.tsx'
import { showToast } from '../../../../parts/messages/toast.tsx'
import type { LeadList } from '../lead-list.ts'

/** Changes the stage of the version that is shown, but not of a newer one. */
export function useStageChange(list: LeadList): (lead: LeadFragment, stage: string) => Promise<void> {
  const { change } = useChange(ChangeStageDocument, ({ updateContact }) => updateContact)
  return async ({ id, version, displayName }, stage) => {
    const outcome = await change({ id, expectedVersion: version, stage })
    if (outcome.kind === 'done') return list.replace(outcome.value)
    const { code, message } = outcome.problem
    if (code !== 'CONFLICT') return showToast(message, 'bad')
    showToast(`Someone else has changed ${displayName}. Your change was not saved; the list is read again.`, 'bad')
    list.reload()
  }
}

/** Ids of one request. */
const atOnce = 100

/** Returns a function that changes the stage of many, and says how many were changed. */
export function useBulkStageChange(list: LeadList): (ids: ReadonlySet<string>, stage: string) => Promise<void> {
  const { client } = useSignedIn().connection
  return async (ids, stage) => {
    const all = [...ids]
    const refused: string[] = []
    for (let start = 0; start < all.length; start += atOnce) {
      const part = all.slice(start, start + atOnce)
      const { data, error } = await client.mutation(ChangeStagesDocument, { ids: part, stage }).toPromise()
      if (error) return showToast(`${problemOf(error).message} ${start} of ${all.length} were changed before.`, 'bad')
      const results = data?.updateContacts ?? []
      list.setStage(new Set(results.flatMap(({ id, done }) => (done ? [id] : []))), stage)
      refused.push(...results.flatMap(({ done, message }) => (done ? [] : [message ?? 'It was refused.'])))
    }
    const [reason] = refused
    if (reason === undefined) showToast(`${countOf(all.length)} now ${stage}.`, 'good')
    else showToast(`${all.length - refused.length} of ${all.length} changed. The others: ${reason}`, 'bad')
  }
}

function countOf(count: number): string {
  return count === 1 ? '1 lead is' : `${count} leads are`
}
