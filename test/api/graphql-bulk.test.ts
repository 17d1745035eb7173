import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { createGraphqlClient, type GraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const unknown = 'cont_01HQ0000000000000000000000'

describe('bulk changes', () => {
  let app: TestApp
  let graphql: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp()
    graphql = createGraphqlClient(app)
  })

  afterAll(() => app?.stop())

  const capture = async (email: string) => {
    const { json } = await createApiClient(app).capture({ email })
    return (json.data as unknown as { id: string }).id
  }
  const update = (ids: readonly string[], stage: string) =>
    graphql(
      'mutation ($ids: [ID!]!, $stage: String!) { updateContacts(ids: $ids, stage: $stage) { id done errorCode } }',
      { ids, stage },
    )

  it('set the stage of contacts, and say what became of each', async () => {
    const ids = [await capture('one@example.com'), await capture('two@example.com')]
    const { data } = await update([...ids, unknown, ids[0]!], 'customer')
    expect(data['updateContacts']).toEqual([
      { id: ids[0], done: true, errorCode: null },
      { id: ids[1], done: true, errorCode: null },
      { id: unknown, done: false, errorCode: 'NOT_FOUND' },
    ])
    const { data: read } = await graphql('query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Contact { stage } } }', {
      ids,
    })
    expect(read['nodes']).toEqual([{ stage: 'customer' }, { stage: 'customer' }])
  })

  it('refuse a stage that the workspace does not have, for each contact', async () => {
    const { data } = await update([await capture('three@example.com')], 'nope')
    expect(data['updateContacts']).toMatchObject([{ done: false, errorCode: 'INVALID' }])
  })

  it('take at most 100 ids', async () => {
    expect((await update(Array(101).fill(unknown), 'lead')).codes).toEqual(['BAD_USER_INPUT'])
  })

  it('release submissions and mark them as spam', async () => {
    const { capture: post } = createApiClient(app)
    for (const name of ['a', 'b']) await post({ email: `${name}@example.com`, _gotcha: 'x' })
    const { data } = await graphql('{ submissions(filter: { status: [SPAM] }) { nodes { id } } }')
    const ids = (data['submissions'] as { nodes: { id: string }[] }).nodes.map(({ id }) => id)
    const change = (field: string) =>
      graphql(`mutation ($ids: [ID!]!) { ${field}(ids: $ids) { done errorCode message } }`, { ids })
    const done = { done: true, errorCode: null, message: null }
    const conflict = { done: false, errorCode: 'CONFLICT', message: expect.any(String) }
    expect((await change('markSubmissionsSpam')).data['markSubmissionsSpam']).toEqual([done, done])
    expect((await change('releaseSubmissions')).data['releaseSubmissions']).toEqual([done, done])
    expect((await change('markSubmissionsSpam')).data['markSubmissionsSpam']).toEqual([conflict, conflict])
  })
})
