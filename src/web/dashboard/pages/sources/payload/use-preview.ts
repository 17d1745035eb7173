import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { type PreviewFragment, PreviewSourceDocument } from '../../../../../generated/graphql/graphql.ts'
import type { Outcome } from '../../../connection/problem.ts'
import { useChange } from '../../../connection/reading.ts'
import type { Rule } from '../mapping.ts'

interface PreviewParts {
  readonly sourceId: string
  readonly submissionId: string | undefined
  readonly rules: readonly Rule[]
}

interface Read {
  readonly submissionId: string
  readonly outcome: Outcome<PreviewFragment>
}

/** Reads the payload of a submission with rules that need not be saved; undefined until it is there. */
export function usePreview({ sourceId, submissionId, rules }: PreviewParts): Outcome<PreviewFragment> | undefined {
  const [read, setRead] = useState<Read>()
  const { change } = useChange(PreviewSourceDocument, ({ previewSource }) => previewSource)
  // The response to the last request counts.
  const turn = useRef(0)
  const refresh = useEffectEvent(async (id: string) => {
    const mine = ++turn.current
    const mapping = rules.map(({ field, paths }) => ({ field, paths: [...paths] }))
    const outcome = await change({ input: { sourceId, submissionId: id, mapping } })
    if (mine === turn.current) setRead({ submissionId: id, outcome })
  })
  const rulesText = JSON.stringify(rules)
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is read again when the rules change.
  useEffect(() => {
    if (submissionId !== undefined) void refresh(submissionId)
    return () => void turn.current++
  }, [submissionId, rulesText])
  return read?.submissionId === submissionId ? read?.outcome : undefined
}
