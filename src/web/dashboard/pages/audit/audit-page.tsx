import { PageHeader } from '../../parts/surface/page-header.tsx'

/** Shows the page Audit. */
export function AuditPage() {
  return <PageHeader title="Audit log" />
}
