import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type SourceGraphql, startSourceGraphql, update } from '../support/source-graphql.ts'

const release = `mutation ($id: ID!, $email: String) { releaseSubmission(id: $id, email: $email) { __typename
  ... on Submission { status outcome reasons fields source contact { email firstName source metadata } }
  ... on UserError { code message path } } }`
const releaseAll = `mutation ($id: ID!) { releaseHeld(sourceId: $id) { __typename
  ... on ReleaseHeldSuccess { released stillHeld } ... on UserError { code path } } }`
const lead = (mail: string) => ({ who: { address: mail, owner: 'sales@acme.example' }, given: 'Jane', plan: 'Pro' })
const mapping = [
  { field: 'email', paths: ['who.address'] },
  { field: 'first_name', paths: ['given'] },
]

describe('what a source held', () => {
  let rex: SourceGraphql
  let id: string

  beforeAll(async () => {
    rex = await startSourceGraphql()
  })
  afterAll(() => rex?.stop())
  beforeEach(async () => {
    id = (await rex.create({ name: 'Pricing page' })).id
  })

  const releaseOne = async (submissionId: string | undefined, email?: string) =>
    (await rex.admin(release, { id: submissionId, email })).data['releaseSubmission'] as Record<string, unknown>
  const map = () => rex.admin(update, { input: { id, mapping } })
  const eventsOf = async (email: string) =>
    (
      await rex.sql<{ type: string }>(
        'select e.type from event e join contact c on c.id = e.contact_id where c.email = $1 order by e.position',
        [email],
      )
    ).map(({ type }) => type)

  it('is released as the mapping reads it by then, with an event', async () => {
    const [held] = await rex.store(id, [
      { status: 'HELD', reasons: ['ambiguous_email'], raw: lead('jane@example.com') },
    ])
    expect(await releaseOne(held)).toMatchObject({ __typename: 'ConflictError', code: 'CONFLICT' })
    await map()
    expect(await releaseOne(held)).toMatchObject({
      status: 'ACCEPTED',
      outcome: 'CREATED',
      reasons: ['ambiguous_email'],
      fields: { email: 'jane@example.com', first_name: 'Jane', source: 'Pricing page' },
      source: 'Pricing page',
      contact: { email: 'jane@example.com', firstName: 'Jane', source: 'Pricing page', metadata: { plan: 'Pro' } },
    })
    expect(await eventsOf('jane@example.com')).toEqual(['contact.created'])
    expect(await releaseOne(held)).toMatchObject({ __typename: 'ConflictError' })
  })

  it('is released with an e-mail by hand, which must be one', async () => {
    const [held] = await rex.store(id, [
      { status: 'HELD', reasons: ['needs_mapping'], raw: { given: 'Jo', plan: 'Pro' } },
    ])
    expect(await releaseOne(held)).toMatchObject({ __typename: 'ConflictError' })
    expect(await releaseOne(held, 'no address')).toMatchObject({ __typename: 'ConflictError' })
    expect(await releaseOne(held, ' By.Hand@Example.com ')).toMatchObject({
      status: 'ACCEPTED',
      contact: { email: 'by.hand@example.com', metadata: { plan: 'Pro' } },
    })
  })

  it('is released by hand also when its payload cannot be read or was deleted', async () => {
    const [text, gone] = await rex.store(id, [
      { status: 'HELD', reasons: ['unreadable'], raw: 'no form' },
      { status: 'HELD' },
    ])
    for (const [submission, email] of [
      [text, 'text@example.com'],
      [gone, 'gone@example.com'],
    ] as const) {
      expect(await releaseOne(submission)).toMatchObject({ __typename: 'ConflictError' })
      expect(await releaseOne(submission, email)).toMatchObject({
        status: 'ACCEPTED',
        contact: { email, source: 'Pricing page' },
      })
    }
  })

  it('has the source that its URL names, or the name of its source, also when its payload cannot be read', async () => {
    const { pathname } = new URL((await rex.create({ name: 'Pricing page' })).url)
    const post = async (query: string) => {
      const url = `${rex.app.url}${pathname}${query}`
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'text/plain' },
        body: `prose ${query}`,
      })
      return Object(await answer.json()).data.id
    }
    expect(await releaseOne(await post('?source=ads&utm_campaign=spring&utm_id=7'), 'ads@example.com')).toMatchObject({
      contact: { source: 'ads', metadata: { utm_campaign: 'spring', utm_id: '7' } },
    })
    expect(await releaseOne(await post(''), 'page@example.com')).toMatchObject({
      contact: { source: 'Pricing page', metadata: {} },
    })
  })

  it('that is ignored is no lead, and never becomes a contact', async () => {
    const [ignored] = await rex.store(id, [{ status: 'IGNORED', reasons: ['page'], raw: lead('event@example.com') }])
    for (const email of [undefined, 'event@example.com'])
      expect(await releaseOne(ignored, email)).toMatchObject({ __typename: 'ConflictError' })
    expect(await eventsOf('event@example.com')).toEqual([])
  })

  it('is released although its source was deleted, and an e-mail of a form is not replaced', async () => {
    const [held] = await rex.store(id, [{ status: 'HELD', reasons: ['test_lead'], raw: { email: 'test@example.com' } }])
    await rex.admin('mutation ($id: ID!) { deleteSource(id: $id) { __typename } }', { id })
    expect(await releaseOne(held)).toMatchObject({ status: 'ACCEPTED', contact: { email: 'test@example.com' } })
    const [form] = await rex.sql<{ id: string }>(
      `insert into submission (workspace_id, id, status, email, fields, spam_reasons)
       select id, 'sub_01HQ0000000000000000000000', 'HELD', 'form@example.com', '{"email": "form@example.com"}', '{}'
       from workspace returning id`,
    )
    expect(await releaseOne(form?.id, 'other@example.com')).toMatchObject({ __typename: 'ConflictError' })
    expect(await releaseOne(form?.id)).toMatchObject({ status: 'ACCEPTED', contact: { email: 'form@example.com' } })
  })

  it('is released all at once after the mapping has changed, but for what would still be held', async () => {
    const other = await rex.create()
    await rex.store(other.id, [{ status: 'HELD', raw: lead('other-source@example.com') }])
    const many = Array.from({ length: 120 }, (_, nth) => lead(`many-${nth}@example.com`))
    await rex.store(id, [
      { status: 'HELD', raw: { given: 'Nobody' } },
      { status: 'IGNORED', raw: lead('ignored@example.com') },
      { status: 'SPAM', raw: lead('spam@example.com') },
      ...[...many, lead('many-0@example.com')].map((raw) => ({ status: 'HELD' as const, raw })),
      { status: 'HELD', raw: { ...lead('links@example.com'), text: 'http://a.x http://b.x http://c.x http://d.x' } },
      { status: 'HELD', raw: 'no form' },
    ])
    const all = async () => (await rex.admin(releaseAll, { id })).data['releaseHeld']
    expect(await all()).toMatchObject({ released: 0, stillHeld: 124 })
    await map()
    expect(await all()).toEqual({ __typename: 'ReleaseHeldSuccess', released: 121, stillHeld: 3 })
    expect(await all()).toMatchObject({ released: 0, stillHeld: 3 })
    expect(await eventsOf('many-119@example.com')).toEqual(['contact.created'])
    expect(await eventsOf('many-0@example.com')).toEqual(['contact.created'])
    const [counted] = await rex.sql<{ count: number }>(
      `select count(*)::int as count from contact where email ~ '^(many-|other-source|ignored|spam|links)'`,
    )
    expect(counted).toEqual({ count: 120 })
    const [audited] = await rex.sql<{ count: number }>(
      `select count(*)::int as count from audit_entry a join submission s on s.id = a.target_id
       where a.action = 'submission.released' and s.source_id = $1`,
      [id],
    )
    expect(audited).toEqual({ count: 121 })
  })

  it('is released once when two calls come at the same time', async () => {
    await rex.store(id, [{ status: 'HELD', raw: lead('twice@example.com') }])
    await map()
    const results = await Promise.all([1, 2].map(() => rex.admin(releaseAll, { id })))
    const released = results.map(({ data }) => (data['releaseHeld'] as { released: number }).released)
    expect(released.sort()).toEqual([0, 1])
    expect(await eventsOf('twice@example.com')).toEqual(['contact.created'])
  })
})
