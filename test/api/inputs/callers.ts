import type { Sent } from '../../support/http-client.ts'
import { canary, canaryKey, email, json, keys, lead, noType, notJson, type Row, refused, taken } from './row.ts'

const sent = (headers: Sent['headers']) => lead({}, headers)
const inAcme = taken({}, { workspace: 'acme' })
const noWorkspace = refused(404, 'workspace_not_found', 'There is no such workspace.')
const badHost = refused(400, 'bad_host', 'One Host header with a host name, and a path as the target, are expected.')
const asked = (headers: Sent['headers'], path: string, method = 'POST') => ({ ...lead({}, headers), path, method })
const nothing = refused(404, 'not_found', 'There is nothing at this address.')
const notTaken = {
  ...refused(405, 'method_not_allowed', 'This address takes OPTIONS, POST.'),
  allow: 'OPTIONS, POST',
}

export const hostRows: readonly Row[] = [
  ['the host of a workspace', sent({ host: 'acme.localhost' }), inAcme],
  ['a host in capitals, with a port and a dot', sent({ host: 'ACME.Localhost.:8080' }), inAcme],
  ['a bare host', sent({ host: 'localhost' }), taken()],
  ['a host that nobody knows', sent({ host: 'evil.example' }), taken()],
  ['an address as the host', sent({ host: '[::1]:4000' }), taken()],
  ['a workspace that there is not', sent({ host: 'nobody.localhost' }), noWorkspace],
  ['two labels below localhost', sent({ host: 'a.acme.localhost' }), noWorkspace],
  ['a workspace that is an e-mail', sent({ host: 'canary_example.com.localhost' }), noWorkspace],
  ['an underscore before a workspace', sent({ host: '_acme.localhost' }), noWorkspace],
  ['an empty host', sent({ host: '' }), badHost],
  ['a host with user info', sent({ host: `${canary}@acme.localhost` }), badHost],
  ['a host with a path', sent({ host: 'acme.localhost/a' }), badHost],
  ['a host with a space', sent({ host: 'acme.localhost evil' }), badHost],
  ['a list of hosts', sent({ host: 'acme.localhost, localhost' }), badHost],
  ['a port of letters', sent({ host: 'acme.localhost:80a' }), badHost],
  ['a host of 254 characters', sent({ host: `${'a'.repeat(244)}.localhost` }), badHost],
]

const noKey = refused(401, 'unauthenticated', 'A valid API key is needed: X-Api-Key or Authorization: Bearer.')
const badIdempotencyKey = refused(
  400,
  'invalid_idempotency_key',
  'Idempotency-Key must be 1 to 255 printable characters.',
)

export const keyRows: readonly Row[] = [
  ['a wrong key', sent({ 'x-api-key': canaryKey }), noKey],
  ['a wrong bearer token', sent({ authorization: `Bearer ${canaryKey}` }), noKey],
  ['an empty key', sent({ 'x-api-key': '' }), noKey],
  ['another scheme than Bearer', sent({ authorization: `Basic ${canaryKey}` }), taken()],
  ['Bearer without a token', sent({ authorization: 'Bearer' }), noKey],
  ['a token in two words', sent({ authorization: `Bearer ${keys.default} ${canary}` }), noKey],
  ['a key of 8 KB', sent({ 'x-api-key': canaryKey.repeat(400) }), noKey],
  ['SQL as a key', sent({ 'x-api-key': `${canary}' or '1'='1` }), noKey],
  ['a key beyond ASCII', sent({ 'x-api-key': `${canary}\xe4\xf6\xfc` }), noKey],
  ['a key that differs in its case', sent({ 'x-api-key': keys.default.toUpperCase() }), noKey],
  ['a right key and a wrong one', sent({ 'x-api-key': [keys.default, canaryKey] }), noKey],
  ['two keys', sent({ 'x-api-key': keys.default, authorization: `Bearer ${keys.acme}` }), noKey],
  [
    "a key on another workspace's host",
    sent({ 'x-api-key': keys.default, host: 'acme.localhost' }),
    refused(403, 'wrong_workspace', 'This key belongs to another workspace than the host.'),
  ],
  ['a key of another workspace on a bare host', sent({ 'x-api-key': keys.acme }), inAcme],
  ['the same key twice', sent({ 'x-api-key': keys.default, authorization: `bearer ${keys.default}` }), taken()],
  ['a key in the address alone', asked({}, `/capture?api_key=${keys.acme}`), taken()],
  ['an empty Idempotency-Key', sent({ 'idempotency-key': '' }), badIdempotencyKey],
  ['an Idempotency-Key of 256 characters', sent({ 'idempotency-key': 'k'.repeat(256) }), badIdempotencyKey],
  ['an Idempotency-Key beyond ASCII', sent({ 'idempotency-key': `${email}\xe4` }), badIdempotencyKey],
  ['an Idempotency-Key with a tab', sent({ 'idempotency-key': 'a\tb' }), badIdempotencyKey],
  [
    'two Idempotency-Keys',
    sent({ 'idempotency-key': ['a', 'b'] }),
    refused(400, 'invalid_idempotency_key', 'One Idempotency-Key is expected.'),
  ],
  ['an Idempotency-Key that is an e-mail', sent({ 'idempotency-key': email }), taken()],
]

/** What a caller says of itself, or of what it wants, and nobody asked for. */
export const forgedRows: readonly Row[] = [
  ['a forged address', sent({ 'x-forwarded-for': '203.0.113.7, 127.0.0.1', 'x-real-ip': '203.0.113.7' }), taken()],
  ['an address that is none', sent({ 'x-forwarded-for': `${email}, ::::` }), taken()],
  ['a forged host', sent({ 'x-forwarded-host': 'acme.localhost', forwarded: 'host=acme.localhost' }), taken()],
  ['a forged scheme', sent({ 'x-forwarded-proto': 'javascript' }), taken()],
  ['a forged id of a request', sent({ 'x-request-id': canary }), taken()],
  ['another method in a header', sent({ 'x-http-method-override': 'DELETE' }), taken()],
  ['another address in a header', sent({ 'x-original-url': '/webhooks', 'x-rewrite-url': '/webhooks' }), taken()],
  ['an origin that is none', sent({ origin: 'null' }), taken()],
  ['an origin elsewhere', sent({ origin: 'https://evil.example' }), taken()],
  ['an Accept that is none', sent({ accept: `${canary};;q=2` }), taken()],
  ['an Accept of HTML for JSON', sent({ accept: 'text/html' }), taken()],
  ['an expectation', sent({ expect: '100-continue' }), taken()],
  ['an expectation that nobody knows', sent({ expect: canary }), taken()],
  ['an offer of another protocol', sent({ connection: 'upgrade, close', upgrade: 'h2c' }), taken()],
  ['what looks like a command in a header', sent({ 'user-agent': '() { :;}; $(canary)' }), taken()],
  ['a header of 10 KB', sent({ 'user-agent': canary.repeat(1700) }), taken()],
  ['GET', { method: 'GET' }, notTaken],
  ['PUT', asked({}, '/capture', 'PUT'), notTaken],
  ['PATCH', asked({}, '/capture', 'PATCH'), notTaken],
  ['DELETE', asked({}, '/capture', 'DELETE'), notTaken],
  ['TRACE', { method: 'TRACE' }, notTaken],
  ['PROPFIND', asked({}, '/capture', 'PROPFIND'), notTaken],
  ['a slash at the end', asked({}, '/capture/'), taken()],
  ['two slashes', asked({}, '//capture'), nothing],
  ['an address in capitals', asked({}, '/CAPTURE'), nothing],
  ['a path out of the folder', asked({}, '/../../etc/passwd'), nothing],
  ['an escape that cannot be read in the path', asked({}, `/${canary}%zz`), nothing],
  ['%00 in the path', asked({}, '/capture%00'), nothing],
  ['a path with an e-mail', asked({}, `/${email}`), nothing],
  ['a type that is wrong before a key that is', json('{', { 'content-type': canary, 'x-api-key': canaryKey }), noType],
  ['a key that is wrong before a body that is', json('{', { 'x-api-key': canaryKey }), noKey],
  ['a body that is wrong before an Idempotency-Key that is', json('{', { 'idempotency-key': '' }), notJson],
]
