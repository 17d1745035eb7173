import { useState } from 'react'
import type { LeadFragment } from '../../../../../../generated/graphql/graphql.ts'

/** Leads that are chosen for a change of many. */
export interface Selection {
  readonly ids: ReadonlySet<string>
  readonly isAll: boolean
  toggle(id: string): void
  /** Selects all rows that are loaded, or none. */
  toggleAll(): void
  clear(): void
}

export function useSelection(rows: readonly LeadFragment[]): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const isAll = chosen.size > 0 && rows.every(({ id }) => chosen.has(id))
  const toggle = (id: string) =>
    setChosen((ids) => (ids.has(id) ? new Set([...ids].filter((each) => each !== id)) : new Set([...ids, id])))
  return {
    ids: chosen,
    isAll,
    toggle,
    toggleAll: () => setChosen(isAll ? new Set() : new Set(rows.map(({ id }) => id))),
    clear: () => setChosen(new Set()),
  }
}
