import { PageHeader } from '../../parts/surface/page-header.tsx'

/** Shows the page Leads. */
export function LeadsPage() {
  return <PageHeader title="Leads" />
}
