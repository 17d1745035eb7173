import { useEffect, useRef } from 'react'
import { useRoute } from 'wouter'
import { EndpointPage } from './endpoint/endpoint-page.tsx'
import { EndpointList } from './list/endpoint-list.tsx'

/** Shows the page Webhooks, and the pages of one webhook: its deliveries, and how its signature is verified. */
export function WebhooksPage() {
  const [, parameters] = useRoute('/webhooks/:id/:view?')
  const id = parameters?.id
  useFocusOnMove(id)
  if (id === undefined) return <EndpointList />
  return <EndpointPage key={id} id={id} view={parameters?.view === 'verify' ? 'verify' : 'deliveries'} />
}

/** Moves the focus to the webhook that was opened, and back to its row, if the list has it already, when it is left. */
function useFocusOnMove(id: string | undefined): void {
  const last = useRef(id)
  useEffect(() => {
    const left = last.current
    if (left === id) return
    last.current = id
    const row = left !== undefined && document.querySelector<HTMLElement>(`[data-id="${CSS.escape(left)}"] a`)
    if (row) row.focus()
    else document.querySelector<HTMLElement>('main h1')?.focus()
  }, [id])
}
