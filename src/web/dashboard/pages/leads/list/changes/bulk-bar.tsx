import { useState } from 'react'
import { Button } from '../../../../parts/controls/button.tsx'
import type { Selection } from './use-selection.ts'

interface BulkBarProps {
  readonly selection: Selection
  readonly stages: readonly string[]
  readonly onChange: (ids: ReadonlySet<string>, stage: string) => Promise<void>
}

/** Changes the stage of all that are selected. */
export function BulkBar({ selection, stages, onChange }: BulkBarProps) {
  const [stage, setStage] = useState('')
  const [isBusy, setBusy] = useState(false)
  const chosen = stage === '' ? (stages[0] ?? '') : stage
  const change = async () => {
    setBusy(true)
    await onChange(selection.ids, chosen)
    setBusy(false)
    selection.clear()
  }
  return (
    <section className="bulk-bar" aria-label="Selected leads">
      <strong>{`${selection.ids.size} selected`}</strong>
      <select
        className="stage-select"
        aria-label="New stage"
        value={chosen}
        onChange={({ target }) => setStage(target.value)}
      >
        {stages.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
      <Button look="primary" isBusy={isBusy} onClick={() => void change()}>
        Change stage
      </Button>
      <Button look="quiet" onClick={selection.clear}>
        Clear
      </Button>
    </section>
  )
}
