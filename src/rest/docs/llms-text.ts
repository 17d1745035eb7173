import type { BuiltPage } from './built-pages.ts'

/** Returns the list of the documentation for language models, in the form of https://llmstxt.org. */
export function llmsText(baseUrl: string, pages: readonly BuiltPage[]): string {
  const items = pages.map(({ name, label, summary }) => `- [${label}](${baseUrl}/docs/${name}.md): ${summary}.`)
  return `# Rex

> Rex captures leads at one URL, \`POST /capture\`, and notifies live dashboards over GraphQL subscriptions and other systems over signed webhooks, within milliseconds.

## Documentation

${items.join('\n')}

## Interfaces

- [OpenAPI 3.1](${baseUrl}/openapi.json): every call of the REST part.
- [GraphQL schema](${baseUrl}/schema.graphql): the SDL of \`/graphql\`.
`
}
