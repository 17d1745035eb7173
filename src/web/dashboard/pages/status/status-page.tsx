import { PageHeader } from '../../parts/surface/page-header.tsx'

/** Shows the page Status. */
export function StatusPage() {
  return <PageHeader title="Status" />
}
