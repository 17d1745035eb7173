/** A request that is too expensive or malformed, and its expected refusal. */
export interface Attack {
  readonly name: string
  readonly method?: string
  /** URL part after `/graphql`. */
  readonly search?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly status: number
  /** `extensions.code` of the first error, or `error.code` of a request that never reaches GraphQL. */
  readonly code: string
}

const maxBodyBytes = 256 * 1024
const json = { 'content-type': 'application/json' }
const deleting = 'mutation { deleteWebhookEndpoint(id: "wh_0") { __typename } }'
const viewer = '{"query":"{ viewer { id } }"}'
const filtered = 'query ($filter: ContactFilter) { contacts(filter: $filter) { nodes { id } } }'
const metadata =
  'mutation ($m: JSON) { upsertContact(input: { email: "a@example.com", fields: { metadata: $m } }) { __typename } }'

/** All known requests that could make the GraphQL API waste resources. */
export const attacks: readonly Attack[] = [
  ...operations([
    ['1,100 tokens', `{ ${'viewer '.repeat(1100)} }`, 'COST_EXCEEDED'],
    ['1,100 tokens behind 100,000 newlines', `${'\n'.repeat(100_000)}{ ${'viewer '.repeat(1100)} }`, 'COST_EXCEEDED'],
    ['17 levels', `{ events(first: 1) { nodes { ${nested(5)} } } }`, 'COST_EXCEEDED'],
    ['300 levels of nothing that is known', `${'{ a '.repeat(300)}${'}'.repeat(300)}`, 'COST_EXCEEDED'],
    ['16 aliases', `{ ${many(16, (nth) => `a${nth}: viewer { id }`)} }`, 'COST_EXCEEDED'],
    ['20 aliases by 4 spreads', `{ ${'...F '.repeat(4)} } fragment F on Query { ${fiveAliases()} }`, 'COST_EXCEEDED'],
    ['21 directives', `{ viewer { ${many(21, () => 'name @include(if: true)')} } }`, 'COST_EXCEEDED'],
    ['140 directives on a field', `{ viewer { id ${'@include(if: true) '.repeat(140)} } }`, 'COST_EXCEEDED'],
    ['21 root fields', `{ ${many(21, () => 'viewer { id }')} }`, 'COST_EXCEEDED'],
    [
      'a million rows',
      `{ contacts(first: 100) { nodes { ${'events(first: 100) { nodes { id } } '} } } }`,
      'COST_EXCEEDED',
    ],
    ['a list 120 times', `{ contacts { nodes { ${'events { nodes { id } } '.repeat(120)} } } }`, 'COST_EXCEEDED'],
    ['fragments that double 40 times', doubling(40), 'COST_EXCEEDED'],
    ['a fragment that spreads itself', '{ viewer { ...F } } fragment F on ApiKey { ...F }', 'BAD_USER_INPUT'],
    ['900 unknown fields', `{ viewer { ${many(900, (nth) => `idd${nth}`)} } }`, 'BAD_USER_INPUT'],
    ['introspection in circles', `{ __schema { types { ${circles(4)} } } }`, 'BAD_USER_INPUT'],
    ['200 unused variables', `query (${many(200, (nth) => `$v${nth}: Int`)}) { viewer { id } }`, 'BAD_USER_INPUT'],
  ]),
  ...withVariables([
    ['a variable of 100,000 levels', metadata, `{"m":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['a filter of 20,000 levels', filtered, `{"filter":${'{"not":'.repeat(20_000)}{}${'}'.repeat(20_000)}}`],
    ['10,000 unknown names in a filter', filtered, JSON.stringify({ filter: named(10_000) })],
    ['5,000 conditions in a filter', filtered, JSON.stringify({ filter: { or: conditions(5000) } })],
    ['9,000 wrong values of an enum', statuses(), JSON.stringify({ status: Array(9000).fill('x') })],
  ]),
  { ...operation('a cheap operation and a dear one', twoOperations(), 'COST_EXCEEDED', 'B') },
  refused('a body of more than 256 KiB', { ...json }, viewer + ' '.repeat(maxBodyBytes), 413),
  refused('a batch of 5,000', { ...json }, `[${Array(5000).fill(viewer).join(',')}]`, 400),
  refused('broken JSON', { ...json }, '{"query":', 400),
  refused(
    'a form',
    { 'content-type': 'application/x-www-form-urlencoded' },
    `query=${encodeURIComponent(deleting)}`,
    415,
  ),
  refused('multipart', { 'content-type': 'multipart/form-data; boundary=x' }, '--x--', 415),
  refused('plain text', { 'content-type': 'text/plain' }, viewer, 415),
  refused('plain text that names JSON', { 'content-type': 'text/plain; application/json' }, viewer, 415),
  refused('JSON in UTF-16', { 'content-type': 'application/json; charset=utf-16' }, viewer, 415),
  refused('a gzipped body', { ...json, 'content-encoding': 'gzip' }, viewer, 415),
  { name: 'no type', headers: { 'content-type': '' }, body: viewer, status: 415, code: 'BAD_USER_INPUT' },
  ...['', '\n\n', '# { viewer { id } }\n', '\uFEFF', ',,,'].map((before) => getMutation(before)),
  { name: 'PUT', method: 'PUT', headers: json, body: viewer, status: 405, code: 'method_not_allowed' },
  {
    name: 'a page of another origin',
    headers: { ...json, origin: 'https://evil.example' },
    body: viewer,
    status: 403,
    code: 'FORBIDDEN',
  },
  { name: 'no key', headers: { ...json, 'x-api-key': '' }, body: viewer, status: 401, code: 'UNAUTHENTICATED' },
]

/** Filters that are too long. They are refused during execution, so the status is 200 and the field has the error. */
export const longFilters: readonly { readonly name: string; readonly filter: object }[] = [
  { name: '1,000 conditions', filter: { or: conditions(1000) } },
  { name: '20 levels', filter: JSON.parse(`${'{"not":'.repeat(20)}{}${'}'.repeat(20)}`) },
  { name: 'a name of 50,000 words', filter: { name: { contains: 'a '.repeat(50_000) } } },
  { name: '9,000 campaigns', filter: { utmCampaign: { in: Array.from({ length: 9000 }, (_, nth) => `${nth}`) } } },
  { name: '300 keys of metadata', filter: { metadata: Array.from({ length: 300 }, (_, nth) => ({ key: `k${nth}` })) } },
]

export const filteredContacts = filtered

type Row = readonly [name: string, query: string, code: string]

function operations(rows: readonly Row[]): Attack[] {
  return rows.map(([name, query, code]) => operation(name, query, code))
}

function operation(name: string, query: string, code: string, operationName?: string): Attack {
  return { name, headers: json, body: JSON.stringify({ query, operationName }), status: 400, code }
}

function withVariables(rows: readonly (readonly [name: string, query: string, variables: string])[]): Attack[] {
  return rows.map(([name, query, variables]) => ({
    name,
    headers: json,
    body: `{"query":${JSON.stringify(query)},"variables":${variables}}`,
    status: 400,
    code: 'BAD_USER_INPUT',
  }))
}

function refused(name: string, headers: Readonly<Record<string, string>>, body: string, status: number): Attack {
  return { name, headers, body, status, code: 'BAD_USER_INPUT' }
}

function getMutation(before: string): Attack {
  const name = `a mutation by GET${before === '' ? '' : ` behind ${encodeURIComponent(before)}`}`
  const search = `?query=${encodeURIComponent(before + deleting)}`
  return { name, method: 'GET', search, status: 405, code: 'BAD_USER_INPUT' }
}

function many(count: number, each: (nth: number) => string): string {
  return Array.from({ length: count }, (_, nth) => each(nth)).join(' ')
}

function fiveAliases(): string {
  return many(5, (nth) => `a${nth}: viewer { id }`)
}

function nested(levels: number): string {
  return levels === 0 ? 'id' : `contact { events(first: 1) { nodes { ${nested(levels - 1)} } } }`
}

function circles(rounds: number): string {
  return rounds === 0 ? 'name' : `fields { type { ${circles(rounds - 1)} } }`
}

/** Returns fragments that each spread the next one twice: 2^40 fields in a thousand tokens. */
function doubling(times: number): string {
  const fragment = (nth: number) => `fragment F${nth} on ApiKey { ...F${nth + 1} ...F${nth + 1} }`
  return `{ viewer { ...F0 } } ${many(times, fragment)} fragment F${times} on ApiKey { id }`
}

function twoOperations(): string {
  return 'query A { viewer { id } } query B { contacts(first: 100) { nodes { events(first: 100) { nodes { id } } } } }'
}

function conditions(count: number): object[] {
  return Array.from({ length: count }, (_, nth) => ({ name: { contains: `${nth}` } }))
}

function named(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, nth) => [`emaill${nth}`, 1]))
}

function statuses(): string {
  return 'query ($status: [SubmissionStatus!]) { submissions(filter: { status: $status }) { nodes { id } } }'
}
