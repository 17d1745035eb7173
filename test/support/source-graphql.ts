import { createGraphqlClient, createKey, type GraphqlClient } from './graphql-client.ts'
import { storeSubmissions } from './stored-submissions.ts'
import { startTestApp, type TestApp } from './test-app.ts'
import { openOwn, runSql, type TestParts } from './test-parts.ts'

export const everything = `id name kind url enabled verified header mapping { field paths } lastReceivedAt
  stats24h { accepted held ignored refused } submissions { nodes { id } } createdAt updatedAt`
export const creation = `mutation ($input: CreateSourceInput!) { createSource(input: $input) { __typename ... on Source { ${everything} }
  ... on UserError { code message path } ... on ValidationError { issues { path code message } } ... on LimitReachedError { limit } } }`
export const update = `mutation ($input: UpdateSourceInput!) { updateSource(input: $input) { __typename ... on Source { ${everything} }
  ... on UserError { code path } ... on ValidationError { issues { path code } } } }`
export const rotation = `mutation ($id: ID!, $hours: Int! = 24) { rotateSourceUrl(id: $id, overlapHours: $hours) { __typename
  ... on Source { id url } ... on UserError { code path } ... on ValidationError { issues { path code } } } }`
export const deletion = `mutation ($id: ID!) { deleteSource(id: $id) { __typename ... on DeleteSuccess { deletedId }
  ... on UserError { code path } } }`

/** Sources of an app over GraphQL, with a look into its database. */
export interface SourceGraphql {
  readonly app: TestApp
  readonly sql: TestParts['sql']
  readonly admin: GraphqlClient
  clientWith(scopes: readonly string[]): Promise<GraphqlClient>
  create(input?: object, client?: GraphqlClient): Promise<CreatedSource>
  workspaceIdOf(sourceId: string): Promise<string>
  /** Stores submissions of a source, and returns their ids. */
  store(sourceId: string, wanted: Parameters<typeof storeSubmissions>[2]): Promise<string[]>
  stop(): Promise<void>
}

export interface CreatedSource {
  readonly __typename: string
  readonly id: string
  readonly url: string
  readonly updatedAt: string
}

export async function startSourceGraphql(): Promise<SourceGraphql> {
  const app = await startTestApp()
  const database = await openOwn(app.database)
  const sql: TestParts['sql'] = (text, values) => runSql(database, text, values)
  const admin = createGraphqlClient(app)
  const workspaceIdOf = async (id: string) => {
    const [row] = await sql<{ workspace_id: string }>('select workspace_id from source where id = $1', [id])
    if (row === undefined) throw new Error('There is no such source.')
    return row.workspace_id
  }
  return {
    app,
    sql,
    admin,
    workspaceIdOf,
    clientWith: async (scopes) => createGraphqlClient({ ...app, key: await createKey(admin, scopes) }),
    create: async (input = {}, client = admin) => {
      const { data, text } = await client(creation, { input: { name: 'Pricing page', ...input } })
      const source = data['createSource'] as CreatedSource
      if (source.__typename !== 'Source') throw new Error(text)
      return source
    },
    store: async (id, wanted) => storeSubmissions(sql, { workspaceId: await workspaceIdOf(id), id }, wanted),
    stop: async () => {
      await database.close()
      await app.stop()
    },
  }
}
