import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { TableHandle } from '../../../parts/data/virtual-table.tsx'
import { isForSomethingElse } from '../../../routing/free-keys.ts'

interface ListKeys {
  readonly isActive: boolean
  readonly ids: readonly string[]
  /** The table, once it is there. */
  readonly table: () => TableHandle | null
  readonly onOpen: (id: string) => void
  readonly onSelect: (id: string) => void
  readonly onSearch: () => void
  readonly onEscape: () => void
}

const steps: Readonly<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }

/** Moves through the list by keyboard: `j`, `k` and arrows, Enter, `x`, `/` and Escape. Returns the current row. */
export function useListKeys(keys: ListKeys): string | undefined {
  const [current, setCurrent] = useState<string>()
  // A row that the virtual table has yet to render gets the focus later.
  const unfocused = useRef<string>(undefined)
  const move = (step: number) => {
    const at = current === undefined ? -1 : keys.ids.indexOf(current)
    const nth = Math.min(Math.max(at + step, 0), keys.ids.length - 1)
    setCurrent(keys.ids[nth])
    unfocused.current = keys.ids[nth]
    keys.table()?.scrollToRow(nth)
  }
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (!keys.isActive || isForSomethingElse(event)) return
    const step = steps[event.key]
    const work = step === undefined ? actionOf(event, keys, current) : () => move(step)
    if (work === undefined) return
    event.preventDefault()
    work()
    if (event.key === 'Escape') setCurrent(undefined)
  })
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event)
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [])
  useEffect(() => {
    if (focusRow(keys.table()?.frame, unfocused.current)) unfocused.current = undefined
  })
  return current
}

function actionOf(event: KeyboardEvent, keys: ListKeys, current: string | undefined): (() => void) | undefined {
  if (event.key === '/') return keys.onSearch
  if (event.key === 'Escape') return keys.onEscape
  if (current === undefined) return undefined
  if (event.key === 'x') return () => keys.onSelect(current)
  const isAtControl = event.target instanceof HTMLElement && event.target.matches('a, button, input')
  return event.key === 'Enter' && !isAtControl ? () => keys.onOpen(current) : undefined
}

/** Moves the focus to a row, unless it is at a control outside of the table. Returns whether the row was there. */
function focusRow(frame: HTMLElement | null | undefined, id: string | undefined): boolean {
  const row = id === undefined ? undefined : frame?.querySelector(`[data-id="${CSS.escape(id)}"]`)
  if (!row) return false
  row.querySelector<HTMLElement>('a')?.focus({ preventScroll: true })
  return true
}
