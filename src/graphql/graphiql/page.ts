import { cachedText } from '../../server/response/cached-response.ts'

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

const settings = {
  title: 'Rex GraphQL',
  endpoint: '/graphql',
  subscriptionsProtocol: 'WS',
  defaultEditorToolsVisibility: 'variables',
  defaultQuery: sampleOperations,
}

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Rex GraphQL</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/graphiql/graphiql.css">
<link rel="stylesheet" href="/graphiql/page.css">
</head>
<body class="no-focus-outline">
<form id="rex-key" autocomplete="off">
<label for="rex-key-input">API key</label>
<input id="rex-key-input" type="password" placeholder="rex_…" spellcheck="false">
</form>
<div id="root"><noscript>GraphiQL needs JavaScript.</noscript></div>
<script type="application/json" id="settings">${JSON.stringify(settings).replaceAll('<', '\\u003c')}</script>
<script src="/graphiql/key.js"></script>
<script src="/graphiql/graphiql.js"></script>
<script src="/graphiql/start.js"></script>
</body>
</html>
`

/** Nothing from elsewhere and no inline script; the editor makes styles as it goes, and its workers are files. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export const graphiqlHeaders = {
  'content-security-policy': policy,
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
}

/** The page of GraphiQL: small, since all that it loads are files of their own. */
export const graphiqlPage = cachedText('text/html; charset=utf-8', html)
