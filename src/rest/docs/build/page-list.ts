interface ListedPage {
  /** Last part of its address: `/docs/<name>`. */
  readonly name: string
  /** Path in the repository. */
  readonly file: string
  /** Label in the navigation. */
  readonly label: string
  readonly summary: string
}

/** Pages of the documentation, in the order of the navigation. */
export const pageList: readonly ListedPage[] = [
  page('start', 'Start', 'Installs Rex, sends the first lead and explains how a lead flows'),
  page('capture', 'Capture', 'POST /capture, forms on web pages and the script for them'),
  page('sources', 'Sources', 'URLs for tools that shape their leads themselves, with steps for each tool'),
  page('webhooks', 'Webhooks', 'Signatures with test vectors, retries, order, rotation and receivers'),
  page('graphql-and-live', 'GraphQL and live', 'Queries, subscriptions and how to resume after a cut'),
  page('cli', 'Command line', 'Every command of rex'),
  page('privacy', 'Privacy', 'Personal data: what is stored, exported, masked and erased'),
  page('operating', 'Operating', 'Settings, database, backup, upgrade, deployment, limits and metrics'),
  page('scaling', 'Scaling', 'Processes, nodes and the arithmetic of connections'),
  { ...page('security', 'Security', 'Claims about security with the tests that hold them'), file: 'SECURITY.md' },
  page('compared', 'Compared', 'Rex beside Svix, Outpost, Convoy, Formspree, Twenty and HubSpot forms'),
  page('benchmarks', 'Benchmarks', 'Measured figures with date and machine'),
]

function page(name: string, label: string, summary: string): ListedPage {
  return { name, label, summary, file: `docs/${name}.md` }
}
