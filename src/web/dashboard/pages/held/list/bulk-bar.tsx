import { Button } from '../../../parts/controls/button.tsx'
import type { Decision } from './use-decisions.ts'

interface BulkBarProps {
  readonly ids: readonly string[]
  readonly selectedIds: ReadonlySet<string>
  readonly isBusy: boolean
  readonly onSelect: (ids: ReadonlySet<string>) => void
  readonly onDecide: (decision: Decision) => void
}

/** Selects all shown submissions, and decides about those that are selected. */
export function BulkBar({ ids, selectedIds, isBusy, onSelect, onDecide }: BulkBarProps) {
  const isAll = selectedIds.size === ids.length
  return (
    <section className="bulk-bar" aria-label="Selected submissions">
      <label>
        <input type="checkbox" checked={isAll} onChange={() => onSelect(new Set(isAll ? [] : ids))} />
        {selectedIds.size === 0 ? 'Select all' : `${selectedIds.size} selected`}
      </label>
      {selectedIds.size > 0 && (
        <>
          <Button isBusy={isBusy} onClick={() => onDecide('release')}>
            Release selected
          </Button>
          <Button look="danger" isBusy={isBusy} onClick={() => onDecide('spam')}>
            Mark selected as spam
          </Button>
        </>
      )}
      <span className="soft held-keys">
        <kbd>j</kbd> <kbd>k</kbd> move, <kbd>x</kbd> selects, <kbd>r</kbd> releases, <kbd>s</kbd> marks as spam
      </span>
    </section>
  )
}
