import { PageHeader } from '../../parts/surface/page-header.tsx'

/** Shows the page Keys. */
export function KeysPage() {
  return <PageHeader title="Keys" />
}
