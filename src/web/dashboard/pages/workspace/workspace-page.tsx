import { PageHeader } from '../../parts/surface/page-header.tsx'

/** Shows the page Workspace. */
export function WorkspacePage() {
  return <PageHeader title="Workspace" />
}
