import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SourceGraphql, startSourceGraphql } from '../support/source-graphql.ts'

const preview = `mutation ($input: PreviewSourceInput!) { previewSource(input: $input) { __typename
  ... on SourcePreview { email firstName lastName metadata source status reasons recognizedKind
    candidates { path value guess } }
  ... on ValidationError { issues { path message } } ... on UserError { code path } } }`
const typeform = readFileSync(new URL('../fixtures/sources/typeform.json', import.meta.url), 'utf8')
const plain = { contact: { mail: 'jane@example.com', owner: 'sales@acme.example' }, first_name: 'Jane', plan: 'Pro' }

describe('a preview of a source', () => {
  let rex: SourceGraphql

  beforeAll(async () => {
    rex = await startSourceGraphql()
  })
  afterAll(() => rex?.stop())

  const ask = async (input: object, client = rex.admin) => {
    const { data, codes } = await client(preview, { input })
    return { codes, shown: data?.['previewSource'] as Record<string, unknown> | null }
  }

  it('shows the lead, and each value with its path and the field that it is taken for', async () => {
    const { shown } = await ask({
      payload: JSON.stringify({ email: 'jane@example.com', first_name: 'Jane', plan: 'Pro' }),
    })
    expect(shown).toMatchObject({
      __typename: 'SourcePreview',
      email: 'jane@example.com',
      firstName: 'Jane',
      metadata: { plan: 'Pro' },
      status: 'ACCEPTED',
      reasons: [],
      recognizedKind: null,
    })
    expect(shown?.['candidates']).toEqual([
      { path: 'email', value: 'jane@example.com', guess: 'email' },
      { path: 'first_name', value: 'Jane', guess: 'first_name' },
      { path: 'plan', value: 'Pro', guess: null },
    ])
  })

  it('uses the kind and the mapping of the source, unless others are given', async () => {
    const mapping = [{ field: 'email', paths: ['contact.mail'] }]
    const { id } = await rex.create({ name: 'Pricing page', mapping })
    const payload = JSON.stringify(plain)
    const { shown } = await ask({ sourceId: id, payload })
    expect(shown).toMatchObject({ email: 'jane@example.com', source: 'Pricing page', status: 'ACCEPTED' })
    const other = await ask({ sourceId: id, payload, mapping: [{ field: 'email', paths: ['contact.owner'] }] })
    expect(other.shown).toMatchObject({ email: 'sales@acme.example' })
    const nowhere = await ask({ sourceId: id, payload, mapping: [{ field: 'email', paths: ['nowhere'] }] })
    expect(nowhere.shown).toMatchObject({ email: null, status: 'HELD', reasons: ['needs_mapping'] })
  })

  it('names the tool whose shape a payload has, also for a generic source', async () => {
    const { shown } = await ask({ payload: typeform })
    expect(shown).toMatchObject({ recognizedKind: 'TYPEFORM', status: 'ACCEPTED', email: expect.stringContaining('@') })
  })

  it('reads forms by their type, and holds what it cannot read', async () => {
    const form = { payload: 'email=jane%40example.com&fname=Jane', contentType: 'application/x-www-form-urlencoded' }
    expect((await ask(form)).shown).toMatchObject({ email: 'jane@example.com', firstName: 'Jane' })
    for (const payload of ['', 'no form at all', '{"email": ', '[1, 2]'])
      expect((await ask({ payload })).shown).toMatchObject({
        status: 'HELD',
        reasons: ['unreadable'],
        candidates: [],
      })
  })

  it('reads the payload of a submission again, and writes nothing', async () => {
    const { id } = await rex.create()
    const [submissionId] = await rex.store(id, [{ status: 'HELD', reasons: ['needs_mapping'], raw: plain }])
    const rows = () => rex.sql('select * from submission order by id')
    const before = await rows()
    const mapping = [{ field: 'email', paths: ['contact.mail'] }]
    expect((await ask({ submissionId, mapping })).shown).toMatchObject({
      email: 'jane@example.com',
      source: 'Pricing page',
      status: 'ACCEPTED',
    })
    expect(await rows()).toEqual(before)
    expect(await rex.sql('select id from contact')).toEqual([])
    for (const scopes of [
      ['SOURCES_READ', 'CONTACTS_READ'],
      ['SOURCES_READ', 'PII_READ'],
    ])
      expect(await ask({ submissionId }, await rex.clientWith(scopes))).toEqual({ codes: ['FORBIDDEN'], shown: null })
    expect((await ask({ payload: '{}' }, await rex.clientWith(['SOURCES_READ']))).codes).toEqual([])
  })

  it('refuses a bad mapping, two payloads, none, and ids that nobody has', async () => {
    const { id } = await rex.create()
    const [without] = await rex.store(id, [{ status: 'HELD' }])
    const mapping = [{ field: 'email', paths: ['a..b'] }]
    expect((await ask({ payload: '{}', mapping })).shown).toMatchObject({
      issues: [{ path: ['mapping', '0', 'paths', '0'] }],
    })
    for (const input of [{}, { payload: '{}', submissionId: without }])
      expect((await ask(input)).shown).toMatchObject({ __typename: 'ValidationError', issues: [{ path: ['payload'] }] })
    const unknown = 'src_01HQ0000000000000000000000'
    expect((await ask({ payload: '{}', sourceId: unknown })).shown).toMatchObject({
      code: 'NOT_FOUND',
      path: ['sourceId'],
    })
    for (const submissionId of ['sub_01HQ0000000000000000000000', without])
      expect((await ask({ submissionId })).shown).toMatchObject({ code: 'NOT_FOUND', path: ['submissionId'] })
  })
})
