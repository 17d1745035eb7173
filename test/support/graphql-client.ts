interface GraphqlError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions: { readonly code: string }
}

export interface GraphqlAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly data: Record<string, unknown>
  readonly errors: readonly GraphqlError[]
  /** `extensions.code` of each error. */
  readonly codes: readonly string[]
}

export type GraphqlClient = (
  query: string,
  variables?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<GraphqlAnswer>

/** Operations over real HTTP with a key. */
export function createGraphqlClient({ url, key }: { readonly url: string; readonly key: string }): GraphqlClient {
  return async (query, variables, headers = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key, ...headers },
      body: JSON.stringify({ query, variables }),
    })
    return readAnswer(response)
  }
}

export async function readAnswer(response: Response): Promise<GraphqlAnswer> {
  const text = await response.text()
  const { data, errors = [] } = JSON.parse(text)
  const codes = errors.map(({ extensions }: GraphqlError) => extensions.code)
  return { status: response.status, headers: response.headers, text, data, errors, codes }
}

/** A key of the same workspace with these scopes alone. */
export async function createKey(client: GraphqlClient, scopes: readonly string[], expiresAt?: Date): Promise<string> {
  const { data, text } = await client(
    `mutation Key($input: CreateApiKeyInput!) { createApiKey(input: $input) { ... on CreateApiKeySuccess { token } } }`,
    { input: { name: scopes.join(' ').slice(0, 100), scopes, expiresAt } },
  )
  const { token } = data['createApiKey'] as { token?: string }
  if (token === undefined) throw new Error(`No key was made: ${text}`)
  return token
}

/** The ADMIN key of a new workspace. */
export async function createWorkspace(client: GraphqlClient, slug: string): Promise<string> {
  const { data, text } = await client(
    `mutation ($slug: String!) { createWorkspace(input: { slug: $slug }) { ... on CreateWorkspaceSuccess { token } } }`,
    { slug },
  )
  const { token } = data['createWorkspace'] as { token?: string }
  if (token === undefined) throw new Error(`No workspace was made: ${text}`)
  return token
}
