import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlClient, createWorkspace } from '../support/graphql-client.ts'
import {
  type CreatedSource,
  creation,
  deletion,
  everything,
  rotation,
  type SourceGraphql,
  startSourceGraphql,
  update,
} from '../support/source-graphql.ts'

describe('sources over GraphQL', () => {
  let rex: SourceGraphql

  beforeAll(async () => {
    rex = await startSourceGraphql()
  })
  afterAll(() => rex?.stop())

  it('are created, read in three ways, changed and deleted', async () => {
    const mapping = [{ field: 'metadata.plan', paths: ['plan', 'answers[0].choice'] }]
    const made = await rex.create({ kind: 'TYPEFORM', secret: 's3cret', mapping })
    expect(made).toEqual({
      __typename: 'Source',
      id: expect.stringMatching(/^src_[0-9A-Z]{26}$/),
      name: 'Pricing page',
      kind: 'TYPEFORM',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/capture\/in_[0-9A-Za-z]{22,}$/),
      enabled: true,
      verified: true,
      header: null,
      mapping,
      lastReceivedAt: null,
      stats24h: { accepted: 0, held: 0, ignored: 0, refused: 0 },
      submissions: { nodes: [] },
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    })
    const { __typename, ...source } = made
    const { data, errors } = await rex.admin(
      `query ($id: ID!) { source(id: $id) { ${everything} } sources(first: 1) { nodes { ${everything} } }
       node(id: $id) { ... on Source { ${everything} } } }`,
      { id: made.id },
    )
    expect(errors).toEqual([])
    expect(data).toEqual({ source, sources: { nodes: [source] }, node: source })

    const input = {
      id: made.id,
      name: 'Demo',
      kind: 'GENERIC',
      header: 'X-Form',
      mapping: [],
      enabled: false,
      secret: null,
    }
    const changed = await rex.admin(update, { input })
    const { updatedAt, ...others } = source
    expect(changed.data['updateSource']).toEqual({
      __typename,
      ...others,
      name: 'Demo',
      kind: 'GENERIC',
      header: 'X-Form',
      mapping: [],
      enabled: false,
      verified: false,
      updatedAt: expect.any(String),
    })
    expect((await rex.admin(deletion, { id: made.id })).data).toEqual({
      deleteSource: { __typename: 'DeleteSuccess', deletedId: made.id },
    })
    expect(
      (await rex.admin(`query ($id: ID!) { source(id: $id) { id } node(id: $id) { id } }`, { id: made.id })).data,
    ).toEqual({
      source: null,
      node: null,
    })
  })

  it('keep what a change does not name, or names null', async () => {
    const mapping = [{ field: 'email', paths: ['mail'] }]
    const { updatedAt, ...made } = await rex.create({ secret: 's3cret', header: 'X-Form', mapping })
    const same = await rex.admin(update, {
      input: { id: made.id, name: null, kind: null, mapping: null, enabled: null },
    })
    expect(same.data['updateSource']).toEqual({ ...made, updatedAt: expect.any(String) })
    expect(updatedAt).toEqual(expect.any(String))
  })

  it('name every wrong field as data', async () => {
    const long = { name: '𝒜'.repeat(201), secret: '𝒜'.repeat(257) }
    expect((await rex.admin(creation, { input: long })).data['createSource']).toMatchObject({
      issues: [
        { path: ['name'], code: 'TOO_LONG' },
        { path: ['secret'], code: 'TOO_LONG' },
      ],
    })
    await rex.create({ name: '𝒜'.repeat(200), secret: '𝒜'.repeat(256) })
    const input = { name: ' ', secret: '', header: 'X Form' }
    const issues = ['name', 'secret', 'header'].map((field) => ({ path: [field], code: 'INVALID' }))
    const refused = (await rex.admin(creation, { input })).data['createSource']
    expect(refused).toMatchObject({ __typename: 'ValidationError', code: 'INVALID', issues })
    const { id } = await rex.create()
    expect(
      (await rex.admin(update, { input: { id, ...input, overlapHours: 169 } })).data['updateSource'],
    ).toMatchObject({
      __typename: 'ValidationError',
      issues: [...issues, { path: ['overlapHours'], code: 'INVALID' }],
    })
    expect((await rex.admin(rotation, { id, hours: -1 })).data['rotateSourceUrl']).toEqual({
      __typename: 'ValidationError',
      code: 'INVALID',
      path: ['overlapHours'],
      issues: [{ path: ['overlapHours'], code: 'INVALID' }],
    })
  })

  it('name the rule, the path and the character that are wrong in a mapping', async () => {
    const mapping = [
      { field: 'email', paths: ['contact.mail'] },
      { field: 'company', paths: ['a[', 'b'] },
    ]
    const expected = {
      __typename: 'ValidationError',
      path: ['mapping', '1', 'paths', '0'],
      issues: [{ path: ['mapping', '1', 'paths', '0'], code: 'INVALID' }],
    }
    const { id } = await rex.create()
    const refused = (await rex.admin(creation, { input: { name: 'Form', mapping } })).data['createSource']
    expect(refused).toMatchObject(expected)
    expect((refused as { issues: { message: string }[] }).issues[0]?.message).toMatch(/^character 3: /)
    expect((await rex.admin(update, { input: { id, mapping } })).data['updateSource']).toMatchObject(expected)
  })

  it('get another URL by a rotation', async () => {
    const { id, url } = await rex.create()
    const { data } = await rex.admin(rotation, { id, hours: 0 })
    expect(data['rotateSourceUrl']).toEqual({ __typename: 'Source', id, url: expect.stringContaining('/capture/in_') })
    expect((data['rotateSourceUrl'] as CreatedSource).url).not.toBe(url)
  })

  it('are at most 200 in a workspace', async () => {
    const client = createGraphqlClient({ ...rex.app, key: await createWorkspace(rex.admin, 'crowded') })
    const { id } = await rex.create({}, client)
    await rex.sql(
      `insert into source (workspace_id, id, name, token_hash, token)
       select $1, 'src_' || lpad(nth::text, 26, '0'), 'many', 'hash' || nth, '' from generate_series(1, 199) nth`,
      [await rex.workspaceIdOf(id)],
    )
    expect((await client(creation, { input: { name: 'One more' } })).data['createSource']).toMatchObject({
      __typename: 'LimitReachedError',
      code: 'LIMIT_REACHED',
      limit: 200,
    })
  })

  it('count the requests of the last 24 hours, each source its own', async () => {
    const [one, other] = [await rex.create(), await rex.create()]
    await rex.store(one.id, [
      { status: 'ACCEPTED' },
      { status: 'ACCEPTED', hoursAgo: 23 },
      { status: 'ACCEPTED', hoursAgo: 25 },
      { status: 'HELD' },
      { status: 'IGNORED' },
      { status: 'SPAM' },
    ])
    await rex.store(other.id, [{ status: 'HELD', hoursAgo: 1 }])
    await rex.sql(
      `insert into source_refusals (workspace_id, source_id, hour, count)
       select $1, $2, date_trunc('hour', now()) - ago * interval '1 hour', 2 from unnest(array[0, 5, 30]) ago`,
      [await rex.workspaceIdOf(one.id), one.id],
    )
    const { data } = await rex.admin('{ sources(first: 2) { nodes { stats24h { accepted held ignored refused } } } }')
    expect(data['sources']).toEqual({
      nodes: [
        { stats24h: { accepted: 0, held: 1, ignored: 0, refused: 0 } },
        { stats24h: { accepted: 2, held: 1, ignored: 1, refused: 4 } },
      ],
    })
  })
})
