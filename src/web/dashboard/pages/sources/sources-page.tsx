import { PageHeader } from '../../parts/surface/page-header.tsx'

/** Shows the page Sources. */
export function SourcesPage() {
  return <PageHeader title="Sources" />
}
