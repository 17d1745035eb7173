import { renderGraphiQL } from '@graphql-yoga/render-graphiql'

/** GraphiQL with everything it needs in one page: it works with no internet. */
export function renderPage(): string {
  return renderGraphiQL({
    title: 'Rex GraphQL',
    endpoint: '/graphql',
    subscriptionsProtocol: 'WS',
    defaultEditorToolsVisibility: 'variables',
    defaultQuery: sampleOperations,
  }).replace('<div id="root"></div>', () => `${keyBox}<div id="root"></div>`)
}

const sampleOperations = `# The key goes into the box at the top. Ctrl-Enter runs the operation under the cursor.

query NewestContacts {
  contacts(first: 10) {
    totalCount { value precision }
    nodes { id displayName email stage source createdAt }
    pageInfo { hasNextPage endCursor }
  }
}

mutation TellMyServer {
  createWebhookEndpoint(input: { url: "http://localhost:8080/webhook", events: ["contact.created"] }) {
    __typename
    ... on WebhookSecretSuccess { secret endpoint { id url status } }
    ... on UserError { code message path }
  }
}

subscription NewContacts {
  contactCreated {
    eventId
    occurredAt
    contact { id displayName email }
  }
}
`

/**
 * GraphiQL's own editor of headers reaches HTTP alone, so the key is added to what is sent: as a header, and in
 * connection_init. It is kept for this tab, and goes to this server only.
 */
const keyBox = `
<form id="rex-key" autocomplete="off" onsubmit="return false"
  style="display:flex;gap:.5rem;align-items:center;padding:.4rem 1rem;font:14px system-ui;background:#1f2937;color:#fff">
  <label for="rex-key-input">API key</label>
  <input id="rex-key-input" type="password" placeholder="rex_…" spellcheck="false"
    style="flex:1;max-width:32rem;padding:.3rem;font:13px monospace">
</form>
<style>#root { height: calc(100vh - 2.6rem); }</style>
<script>
  (() => {
    const input = document.getElementById('rex-key-input')
    input.value = sessionStorage.getItem('rex-key') ?? ''
    input.addEventListener('input', () => sessionStorage.setItem('rex-key', input.value.trim()))
    // GraphiQL asks for the schema again; a reload would hide the samples behind an empty tab.
    input.addEventListener('change', () => document.querySelector('[aria-label^="Re-fetch"]')?.click())
    const key = () => input.value.trim()
    const isOurs = (url) => new URL(url, location.href).host === location.host

    const plainFetch = window.fetch.bind(window)
    window.fetch = (resource, init = {}) => {
      const url = resource instanceof Request ? resource.url : String(resource)
      if (key() === '' || !isOurs(url)) return plainFetch(resource, init)
      const headers = new Headers(init.headers ?? (resource instanceof Request ? resource.headers : {}))
      if (!headers.has('x-api-key')) headers.set('x-api-key', key())
      return plainFetch(resource, { ...init, headers })
    }

    const PlainSocket = window.WebSocket
    window.WebSocket = class extends PlainSocket {
      send(data) {
        if (typeof data !== 'string' || !isOurs(this.url)) return super.send(data)
        const message = JSON.parse(data)
        if (message.type !== 'connection_init' || key() === '') return super.send(data)
        super.send(JSON.stringify({ ...message, payload: { ...message.payload, apiKey: key() } }))
      }
    }
  })()
</script>`
