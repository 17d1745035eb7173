import type { ReactNode } from 'react'
import './check-list.css'

interface CheckListProps {
  readonly legend: string
  readonly isDisabled?: boolean
  /** Labels with a checkbox. */
  readonly children: ReactNode
}

/** Group of checkboxes below each other. */
export function CheckList({ legend, isDisabled = false, children }: CheckListProps) {
  return (
    <fieldset className="check-list" disabled={isDisabled}>
      <legend>{legend}</legend>
      {children}
    </fieldset>
  )
}
