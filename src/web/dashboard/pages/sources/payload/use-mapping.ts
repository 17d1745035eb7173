import { useState } from 'react'
import { type SourceDetailsFragment, UpdateSourceDocument } from '../../../../../generated/graphql/graphql.ts'
import { useChange } from '../../../connection/reading.ts'
import { showToast } from '../../../parts/messages/toast.tsx'
import { isSameMapping, type Rule } from '../mapping.ts'

/** Rules of a source, and their changes before they are saved. */
export interface Mapping {
  readonly rules: readonly Rule[]
  readonly isChanged: boolean
  readonly isSaving: boolean
  readonly problem: string | undefined
  edit(rules: readonly Rule[]): void
  discard(): void
  save(): Promise<void>
}

/** Returns the rules of a source; those that are edited stay until they are saved or discarded. */
export function useMapping(source: SourceDetailsFragment, onSaved: () => void): Mapping {
  const [draft, setDraft] = useState<readonly Rule[]>()
  const [problem, setProblem] = useState<string>()
  const { change, isChanging } = useChange(UpdateSourceDocument, ({ updateSource }) => updateSource)
  // Saved rules are the draft until the source is read again.
  if (draft && isSameMapping(draft, source.mapping)) setDraft(undefined)
  const rules = draft ?? source.mapping
  const isChanged = !isSameMapping(rules, source.mapping)
  const save = async () => {
    const mapping = rules.map(({ field, paths }) => ({ field, paths: [...paths] }))
    const outcome = await change({ input: { id: source.id, mapping } })
    if (outcome.kind === 'failed') return setProblem(outcome.problem.issues[0]?.message ?? outcome.problem.message)
    setProblem(undefined)
    showToast('Saved. What is held can be released with this mapping.', 'good')
    onSaved()
  }
  return {
    rules,
    isChanged,
    isSaving: isChanging,
    problem,
    edit: (edited) => {
      setProblem(undefined)
      setDraft(edited)
    },
    discard: () => setDraft(undefined),
    save,
  }
}
