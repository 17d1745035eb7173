import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { createGraphqlClient, type GraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

/** E-mail (its local part names the person), first name, last name: as people and phones write them. */
const people = [
  ['sahin@example.com', 'Şahin', 'Yılmaz'],
  ['obrien@example.com', 'Sean', 'O’Brien'],
  ['zoe@example.com', 'Zoë', 'Nuñez'],
  ['decomposed@example.com', 'Zoë'.normalize('NFD'), 'Ångström'.normalize('NFD')],
  ['wide@example.com', 'Ｍａｒｙ', 'ﬁnch'],
  ['greek@example.com', 'Γιώργος', 'ΠΑΠΑΣ'],
  ['strasse@example.com', 'Jürgen', 'Strauß'],
  ['kim@example.com', '김민준', null],
  ['hidden@example.com', 'Ann\u200dMarie', 'Co\u00adope'],
  ['jane@bücher.example', 'Jane', 'Doe'],
] as const

const query = `query ($search: String, $filter: ContactFilter) {
  contacts(search: $search, filter: $filter, orderBy: { field: EMAIL, direction: ASC }) {
    totalCount { value } nodes { email firstName lastName }
  }
}`

interface Found {
  readonly totalCount: { readonly value: number }
  readonly nodes: readonly { readonly email: string; readonly firstName: string; readonly lastName: string }[]
}

describe('text is compared as people mean it', () => {
  let app: TestApp
  let graphql: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp()
    graphql = createGraphqlClient(app)
    const api = createApiClient(app)
    for (const [email, first_name, last_name] of people) await api.capture({ email, first_name, last_name })
  })

  afterAll(() => app?.stop())

  const find = async (variables: Record<string, unknown>): Promise<Found> => {
    const { data, text } = await graphql(query, variables)
    if (!data) throw new Error(text)
    return data['contacts'] as Found
  }
  const names = async (variables: Record<string, unknown>) => {
    const { nodes, totalCount } = await find(variables)
    expect(totalCount.value).toBe(nodes.length)
    return nodes.map(({ email }) => email.split('@')[0]).join(' ')
  }

  it.each([
    ['sahin', 'sahin'],
    ['SAHIN yilmaz', 'sahin'],
    ['ŞAHİN', 'sahin'],
    ["O'Brien", 'obrien'],
    ['o’brien', 'obrien'],
    ["'b", 'obrien'],
    ['’', 'obrien'],
    ['zoe', 'decomposed zoe'],
    ['ZOË', 'decomposed zoe'],
    ['Zoë'.normalize('NFD'), 'decomposed zoe'],
    ['nunez', 'zoe'],
    ['angstrom', 'decomposed'],
    ['mary finch', 'wide'],
    ['ｍａｒｙ', 'wide'],
    ['γιωργοσ', 'greek'],
    ['ΓΙΏΡΓΟΣ παπας', 'greek'],
    ['strauss', 'strasse'],
    ['STRAUẞ', 'strasse'],
    ['민준', 'kim'],
    ['김', 'kim'],
    ['annmarie', 'hidden'],
    ['coope', 'hidden'],
    ['z\u200boe', 'decomposed zoe'],
    ['％', ''],
    ['＿', ''],
    ['＼', ''],
    ['\u200b', 'decomposed greek hidden jane kim obrien sahin strasse wide zoe'],
    ['jane@bücher.example', 'jane'],
    ['bücher.example', 'jane'],
    ['JANE@BÜCHER.EXAMPLE', 'jane'],
  ])('11.25: a search of %j finds %j', async (search, expected) => {
    expect(await names({ search })).toBe(expected)
  })

  it.each([
    [{ contains: 'ahin' }, 'sahin'],
    [{ startsWith: 'sahin y' }, 'sahin'],
    [{ startsWith: 'Yilm' }, 'sahin'],
    [{ eq: 'sahin yilmaz' }, 'sahin'],
    [{ eq: 'Yılmaz' }, 'sahin'],
    [{ in: ["o'brien", 'zoe nunez'] }, 'obrien zoe'],
    [{ eq: 'zoe' }, 'decomposed zoe'],
    [{ startsWith: '％' }, ''],
    [{ contains: '김' }, 'kim'],
    [{ contains: 'ñ' }, 'decomposed hidden jane obrien sahin strasse wide zoe'],
    [{ contains: 'ñe' }, 'jane zoe'],
    [{ contains: 'ö' }, 'decomposed hidden jane obrien zoe'],
  ])('11.25: the name filter %j finds %j', async (name, expected) => {
    expect(await names({ filter: { name } })).toBe(expected)
  })

  it.each([
    [{ eq: 'jane@bücher.example' }, 'jane'],
    [{ eq: ' Jane@BÜCHER.example\u200b' }, 'jane'],
    [{ eq: 'jane@xn--bcher-kva.example' }, 'jane'],
    [{ in: ['\ufeffjane@bücher.example', 'zoe@ｅｘａｍｐｌｅ.com'] }, 'jane zoe'],
    [{ startsWith: 'Jane@bücher.example' }, 'jane'],
    [{ contains: '@BÜCHER.example' }, 'jane'],
    [{ contains: 'bücher.example' }, 'jane'],
    [{ eq: 'jane' }, ''],
  ])('11.18: the e-mail filter %j finds %j', async (email, expected) => {
    expect(await names({ filter: { email } })).toBe(expected)
  })

  it.each(['jane@bücher.example', '\u200bJANE@Bücher.Example \u2060', 'jane@xn--bcher-kva.example'])(
    '11.18: contact(by: {email: %j}) finds the contact',
    async (email) => {
      const { data } = await graphql('query ($email: String) { contact(by: { email: $email }) { firstName } }', {
        email,
      })
      expect(data).toEqual({ contact: { firstName: 'Jane' } })
    },
  )

  it('11.25: stores names in NFC, without what cannot be seen at their ends, and keeps joiners inside', async () => {
    const api = createApiClient(app)
    const email = 'normal@example.com'
    const family = '👩‍👧'
    await api.capture({
      email: `\u2060${email}\ufeff`,
      first_name: `\u200b ${'Zoë'.normalize('NFD')}\u00a0\u202c`,
      last_name: `${family}\u3164`,
      source: 'Cafe\u0301',
    })
    const { data } = await graphql(
      'query ($email: String) { contact(by: { email: $email }) { firstName lastName source } }',
      { email },
    )
    expect(data).toEqual({ contact: { firstName: 'Zoë', lastName: family, source: 'Café' } })
  })

  it('11.25: takes a name of nothing visible for a blank one, which clears nothing', async () => {
    const api = createApiClient(app)
    const email = 'blank@example.com'
    await api.capture({ email, first_name: 'Bea' })
    const blanks = ['\u200b', '\u3164\u2800', '\u00ad \u061c', '\u115f\u180e', '\ufeff', '\u2064\u206f', '\u2066\u2069']
    for (const first_name of blanks) await api.capture({ email, first_name })
    const { data } = await graphql('query ($email: String) { contact(by: { email: $email }) { firstName version } }', {
      email,
    })
    expect(data).toEqual({ contact: { firstName: 'Bea', version: 1 } })
  })
})
