import { useState } from 'react'
import { SaveSettingsDocument, type UpdateWorkspaceInput } from '../../../../generated/graphql/graphql.ts'
import type { Problem } from '../../connection/problem.ts'
import { useChange } from '../../connection/reading.ts'
import { showToast } from '../../parts/messages/toast.tsx'

/** Saves settings, and says so; a refusal is `problem`. */
export function useSettingsChange() {
  const [problem, setProblem] = useState<Problem>()
  const { change, isChanging } = useChange(SaveSettingsDocument, ({ updateWorkspace }) => updateWorkspace)
  const save = async (input: UpdateWorkspaceInput) => {
    const outcome = await change({ input })
    setProblem(outcome.kind === 'failed' ? outcome.problem : undefined)
    if (outcome.kind === 'done') showToast('Saved.', 'good')
  }
  return { problem: problem && (problem.issues[0]?.message ?? problem.message), isChanging, save }
}
