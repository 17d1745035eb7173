import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type CreatedSource,
  creation,
  deletion,
  type SourceGraphql,
  startSourceGraphql,
} from '../support/source-graphql.ts'

describe('sources and their submissions', () => {
  let rex: SourceGraphql

  beforeAll(async () => {
    rex = await startSourceGraphql()
  })
  afterAll(() => rex?.stop())

  it('have submissions with their source, reasons and raw payload, newest first, and by status', async () => {
    const source = await rex.create()
    const raw = { answers: [{ email: 'jane@example.com' }] }
    const ids = await rex.store(source.id, [
      { status: 'HELD', reasons: ['needs_mapping'], raw },
      { status: 'ACCEPTED', raw: 'a text' },
      { status: 'IGNORED', reasons: ['event'] },
      { status: 'HELD', reasons: ['test_lead'] },
    ])
    await rex.store((await rex.create()).id, [{ status: 'HELD' }])
    const query = `query ($id: ID!, $status: [SubmissionStatus!], $first: Int, $after: String) {
      source(id: $id) { submissions(status: $status, first: $first, after: $after) {
        nodes { id status reasons raw inboundSource { id } } pageInfo { hasNextPage endCursor } } } }`
    const list = async (variables: object = {}) => {
      const { data, text } = await rex.admin(query, { id: source.id, ...variables })
      if (!data) throw new Error(text)
      return (data['source'] as { submissions: SubmissionPage }).submissions
    }
    const idsOf = async (status: readonly string[]) => (await list({ status })).nodes.map(({ id }) => id)
    const all = await list()
    expect(all.nodes.map(({ id }) => id)).toEqual(ids.toReversed())
    expect(all.nodes.at(-1)).toEqual({
      id: ids[0],
      status: 'HELD',
      reasons: ['needs_mapping'],
      raw,
      inboundSource: { id: source.id },
    })
    expect(all.nodes.at(-2)).toMatchObject({ raw: 'a text' })
    expect(await idsOf(['HELD'])).toEqual([ids[3], ids[0]])
    expect(await idsOf(['IGNORED', 'HELD'])).toEqual([ids[3], ids[2], ids[0]])
    expect(await idsOf(['ACCEPTED'])).toEqual([ids[1]])
    expect(await idsOf(['ACCEPTED', 'HELD'])).toEqual([ids[3], ids[1], ids[0]])
    expect(await idsOf([])).toEqual([])
    for (const status of [null, ['HELD'], ['ACCEPTED', 'HELD', 'IGNORED']]) {
      const [first, expected] = [await list({ status, first: 1 }), await list({ status })]
      const rest = await list({ status, first: 10, after: first.pageInfo.endCursor })
      expect([...first.nodes, ...rest.nodes]).toEqual(expected.nodes)
      expect(rest.pageInfo.hasNextPage).toBe(false)
    }
  })

  it('leave submissions behind when they are deleted, and those of /capture have none', async () => {
    const { id } = await rex.create()
    const [submission] = await rex.store(id, [{ status: 'HELD', reasons: ['source_disabled'] }])
    await fetch(`${rex.app.url}/capture`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'jane@example.com' }),
    })
    await rex.admin(deletion, { id })
    const { data } = await rex.admin('{ submissions(first: 100) { nodes { id reasons raw inboundSource { id } } } }')
    const { nodes } = data['submissions'] as SubmissionPage
    const of = (wanted: string | undefined) => nodes.find((node) => node.id === wanted)
    expect(of(submission)).toMatchObject({ reasons: ['source_disabled'], inboundSource: null })
    expect(nodes[0]).toMatchObject({ reasons: [], raw: null, inboundSource: null })
  })

  it('can be searched for among submissions by the status IGNORED', async () => {
    const { id } = await rex.create()
    const [ignored] = await rex.store(id, [{ status: 'IGNORED' }, { status: 'HELD' }])
    const { data } = await rex.admin('{ submissions(first: 1, filter: { status: [IGNORED] }) { nodes { id status } } }')
    expect(data).toEqual({ submissions: { nodes: [{ id: ignored, status: 'IGNORED' }] } })
  })

  describe('for keys with fewer scopes', () => {
    it('show their URL only with SOURCES_READ, and a mutation says so before it changes anything', async () => {
      const writer = await rex.clientWith(['SOURCES_WRITE'])
      const before = await rex.sql('select * from source order by id')
      const refused = await writer(creation, { input: { name: 'Unseen' } })
      expect([refused.data, refused.codes]).toEqual([{ createSource: null }, ['FORBIDDEN']])
      expect(await rex.sql('select * from source order by id')).toEqual(before)
      const made = await writer(
        'mutation { createSource(input: { name: "Written" }) { ... on Source { id name kind mapping { field } } } }',
      )
      expect(made.errors).toEqual([])
      expect(made.data['createSource']).toMatchObject({ name: 'Written' })
      const { id } = made.data['createSource'] as CreatedSource
      for (const query of ['source(id: $id) { id url }', 'node(id: $id) { ... on Source { id url } }']) {
        const { data, codes, text } = await writer(`query ($id: ID!) { ${query} }`, { id })
        expect(Object.values(data)).toEqual([null])
        expect(codes).toEqual(['FORBIDDEN'])
        expect(text).not.toContain('in_')
      }
      const reader = await rex.clientWith(['SOURCES_READ'])
      const read = await reader('query ($id: ID!) { source(id: $id) { url } }', { id })
      expect(read.data['source']).toEqual({ url: expect.stringContaining('/capture/in_') })
    })

    it('show no raw payload without PII_READ, no submissions without CONTACTS_READ, no source without its scope', async () => {
      const { id } = await rex.create({
        name: 'Form of jane@example.com',
        mapping: [{ field: 'email', paths: ['a[b="jane@example.com"].c'] }],
      })
      const [submission] = await rex.store(id, [{ status: 'HELD', raw: { email: 'jane@example.com' } }])
      const limited = await rex.clientWith(['CONTACTS_READ', 'SOURCES_READ'])
      const { data, errors, text } = await limited(
        'query ($id: ID!) { node(id: $id) { ... on Submission { raw reasons inboundSource { name mapping { paths } } } } }',
        { id: submission },
      )
      expect(data['node']).toMatchObject({ raw: null, inboundSource: { name: 'Form of j***@example.com' } })
      expect(errors).toMatchObject([{ path: ['node', 'raw'], extensions: { code: 'FORBIDDEN' } }])
      expect(text).not.toContain('jane')
      const reader = await rex.clientWith(['SOURCES_READ'])
      const lists = await reader('query ($id: ID!) { source(id: $id) { submissions { nodes { id } } } }', { id })
      expect(lists.codes).toEqual(['FORBIDDEN'])
      const contacts = await rex.clientWith(['CONTACTS_READ', 'PII_READ'])
      const without = await contacts(
        'query ($id: ID!) { node(id: $id) { ... on Submission { id raw inboundSource { id } } } }',
        { id: submission },
      )
      expect(without.data['node']).toEqual({ id: submission, raw: { email: 'jane@example.com' }, inboundSource: null })
      expect(without.errors).toMatchObject([
        { path: ['node', 'inboundSource', 'id'], extensions: { code: 'FORBIDDEN' } },
      ])
    })
  })
})

interface SubmissionPage {
  readonly nodes: readonly { readonly id: string }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}
