import { useEffect, useRef } from 'react'
import { useRoute } from 'wouter'
import type { PageProps } from '../../routing/page-props.ts'
import { LeadPage } from './lead/lead-page.tsx'
import { LeadListView } from './list/lead-list-view.tsx'
import './leads-page.css'

/** Shows the page Leads, and the page of one lead. The list stays behind it as it was left. */
export function LeadsPage({ openTestLead }: PageProps) {
  const [isLead, parameters] = useRoute('/leads/:id')
  const id = isLead ? parameters.id : undefined
  const hasList = useRef(false)
  if (id === undefined) hasList.current = true
  useFocusOnReturn(id)
  return (
    <>
      {hasList.current && (
        <div className={id === undefined ? '' : 'leads-behind'}>
          <LeadListView isShown={id === undefined} openTestLead={openTestLead} />
        </div>
      )}
      {id !== undefined && <LeadPage key={id} id={id} />}
    </>
  )
}

/** Moves the focus back to the row of the lead that was open. */
function useFocusOnReturn(id: string | undefined): void {
  const last = useRef(id)
  useEffect(() => {
    const left = last.current
    last.current = id
    if (id !== undefined || left === undefined) return
    const row = document.querySelector<HTMLElement>(`[data-id="${CSS.escape(left)}"] a`)
    if (row) row.focus({ preventScroll: true })
    else document.querySelector<HTMLElement>('main h1')?.focus()
  }, [id])
}
