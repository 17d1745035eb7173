import { PageHeader } from '../../parts/surface/page-header.tsx'

export function HomePage() {
  return <PageHeader title="Home" />
}
