import { PageHeader } from '../../parts/surface/page-header.tsx'

/** Shows the page Webhooks. */
export function WebhooksPage() {
  return <PageHeader title="Webhooks" />
}
