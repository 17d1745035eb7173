import { PageHeader } from '../../parts/surface/page-header.tsx'

/** Shows the page Capture. */
export function CapturePage() {
  return <PageHeader title="Capture" />
}
