import { PageHeader } from '../../parts/surface/page-header.tsx'

/** Shows the page Held. */
export function HeldPage() {
  return <PageHeader title="Held" />
}
