import { createContext, use } from 'react'
import type { LeadFragment } from '../../../../../generated/graphql/graphql.ts'
import type { Selection } from './changes/use-selection.ts'

/** Things that the cells of the list share. The columns stay the same, so that a cell keeps its focus. */
interface ListParts {
  readonly mayWrite: boolean
  readonly stages: readonly string[]
  readonly selection: Selection
  /** Query of the filters, which links to leads carry. */
  readonly query: string
  changeStage(lead: LeadFragment, stage: string): void
}

export const ListContext = createContext<ListParts | undefined>(undefined)

export function useListParts(): ListParts {
  const parts = use(ListContext)
  if (parts === undefined) throw new Error('This cell needs the list of leads.')
  return parts
}
