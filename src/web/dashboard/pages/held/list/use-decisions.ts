import { useState } from 'react'
import {
  type BulkFragment,
  MarkSubmissionSpamDocument,
  MarkSubmissionsSpamDocument,
  ReleaseSubmissionDocument,
  ReleaseSubmissionsDocument,
} from '../../../../../generated/graphql/graphql.ts'
import { useChange } from '../../../connection/reading.ts'

export type Decision = 'release' | 'spam'

/** Outcome of a decision about one or many submissions. */
export interface Decided {
  readonly doneIds: ReadonlySet<string>
  /** Reasons in words, by id of the submission. */
  readonly failures: ReadonlyMap<string, string>
}

const idsPerRequest = 100

/** Returns functions that release submissions or mark them as spam. */
export function useDecisions() {
  const [isDeciding, setDeciding] = useState(false)
  const decideOne = useOne()
  const decideMany = useMany()
  const busy = async (work: Promise<Decided>) => {
    setDeciding(true)
    try {
      return await work
    } finally {
      setDeciding(false)
    }
  }
  return {
    isDeciding,
    decideOne: (decision: Decision, id: string, email: string | null) => busy(decideOne(decision, id, email)),
    decideMany: (decision: Decision, ids: readonly string[]) => busy(decideMany(decision, ids)),
  }
}

function useOne() {
  const release = useChange(ReleaseSubmissionDocument, ({ releaseSubmission }) => releaseSubmission)
  const spam = useChange(MarkSubmissionSpamDocument, ({ markSubmissionSpam }) => markSubmissionSpam)
  return async (decision: Decision, id: string, email: string | null): Promise<Decided> => {
    const outcome = decision === 'release' ? await release.change({ id, email }) : await spam.change({ id })
    if (outcome.kind === 'done') return { doneIds: new Set([id]), failures: new Map() }
    const { issues, message } = outcome.problem
    return { doneIds: new Set(), failures: new Map([[id, issues[0]?.message ?? message]]) }
  }
}

function useMany() {
  const release = useChange(ReleaseSubmissionsDocument, ({ releaseSubmissions }) => releaseSubmissions)
  const spam = useChange(MarkSubmissionsSpamDocument, ({ markSubmissionsSpam }) => markSubmissionsSpam)
  const decide = async (decision: Decision, ids: readonly string[]): Promise<readonly BulkFragment[]> => {
    const outcome = await (decision === 'release' ? release : spam).change({ ids: [...ids] })
    if (outcome.kind === 'done') return outcome.value
    return ids.map((id) => ({ id, done: false, message: outcome.problem.message }))
  }
  return async (decision: Decision, ids: readonly string[]): Promise<Decided> => {
    const results: BulkFragment[] = []
    for (let from = 0; from < ids.length; from += idsPerRequest)
      results.push(...(await decide(decision, ids.slice(from, from + idsPerRequest))))
    return {
      doneIds: new Set(results.filter(({ done }) => done).map(({ id }) => id)),
      failures: new Map(
        results.filter(({ done }) => !done).map(({ id, message }) => [id, message ?? 'It was refused.']),
      ),
    }
  }
}
