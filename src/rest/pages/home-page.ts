import { type Html, html } from './html.ts'

const links = [
  { href: '/docs/start', name: 'Documentation', what: 'The first lead, the first webhook, and everything else' },
  { href: '/graphql', name: 'GraphiQL', what: 'Queries, mutations and live subscriptions' },
  { href: '/docs', name: 'REST documentation', what: 'Every call with its fields and answers' },
  { href: '/capture.js', name: 'Script for web pages', what: 'One tag, and a form sends its leads here' },
  { href: '/openapi.json', name: 'OpenAPI 3.1', what: 'The same for machines' },
  { href: '/schema.graphql', name: 'GraphQL schema', what: 'The SDL' },
  { href: '/healthz', name: 'Alive', what: 'This process answers' },
  { href: '/readyz', name: 'Ready', what: 'So does its database' },
]

/** Introduction at `/` for visitors without a key. */
export function homePage(baseUrl: string): Html {
  return html`<p class="lead">Takes a lead at one door and tells everyone who needs to know, within milliseconds: live dashboards and
signed webhooks.</p>
<h2>Send a lead</h2>
<pre><code>${curlOf(baseUrl)}</code></pre>
<p class="soft">The answer is 201 with the contact's id. No key is needed: this is the door for forms and landing pages.</p>
<h2>Look around</h2>
<ul class="links">
${links.map(({ href, name, what }) => html`<li><a href="${href}"><strong>${name}</strong><span>${what}</span></a></li>`)}
</ul>`
}

/** The call of the contract, for this server. */
export function curlOf(baseUrl: string): string {
  return `curl -X POST ${baseUrl}/capture \\
  -H 'Content-Type: application/json' \\
  -d '{
    "email": "jane@example.com",
    "first_name": "Jane",
    "last_name": "Doe",
    "source": "organic",
    "metadata": { "utm_source": "google", "landing_page": "/pricing" }
  }'`
}
