import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { multipart, type Post, part, urlencoded } from '../support/form-bodies.ts'
import { createGraphqlClient, type GraphqlClient } from '../support/graphql-client.ts'
import { send, sendJson } from '../support/http-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

type Json = Record<string, unknown>

interface Captured {
  readonly id: string
  readonly status: string
  readonly fields: Json
  readonly changes: readonly Json[]
  readonly contact: (Json & { readonly metadata: Json }) | null
}

const selected = `id status fields changes { field before after }
  contact { email firstName lastName source metadata firstTouch { source campaign clickIds } lastTouch { source } }`

let counted = 0
/** An e-mail that no other test uses. */
const newEmail = () => `person-${++counted}@example.com`

describe('the kinder door', () => {
  let app: TestApp
  let graphql: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp()
    graphql = createGraphqlClient(app)
  })
  afterAll(() => app?.stop())

  const newest = async (): Promise<Captured> => {
    const { data } = await graphql(`{ submissions(first: 1) { nodes { ${selected} } } }`)
    return (data as { submissions: { nodes: [Captured] } }).submissions.nodes[0]
  }
  const post = async (sent: Post, path = '/capture'): Promise<Captured> => {
    expect(await send(app.url, { method: 'POST', path, ...sent })).toMatchObject({ status: 201 })
    return newest()
  }
  const postJson = (body: Json, path?: string) =>
    post({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }, path)
  const released = async (id: string): Promise<Captured> => {
    const mutation = `mutation ($id: ID!) { releaseSubmission(id: $id) { ... on Submission { ${selected} } } }`
    const { data } = await graphql(mutation, { id })
    return (data as { releaseSubmission: Captured }).releaseSubmission
  }

  describe('what was posted', () => {
    test('is kept on the submission as it came, and the contact gets it under plain keys', async () => {
      const email = newEmail()
      const body = {
        'E-Mail': email,
        'Full Name': 'Jane van Doe',
        'Deine Nachricht?': 'Hallo',
        Телефон: '+1',
        tags: ['a', 'b'],
        utm: { source: 'google', campaign: 'spring' },
        address: { city: 'Bern', geo: { lat: 46.9 } },
        items: [{ sku: 'a', qty: 1 }, { sku: 'b' }],
      }
      const { fields, contact } = await postJson(body)
      expect(fields).toEqual(body)
      expect(contact).toMatchObject({ email, firstName: 'Jane', lastName: 'van Doe' })
      expect(contact?.metadata).toEqual({
        deine_nachricht: 'Hallo',
        телефон: '+1',
        tags: 'a, b',
        utm_source: 'google',
        utm_campaign: 'spring',
        address_city: 'Bern',
        address_geo_lat: 46.9,
        items_sku: 'a, b',
        items_qty: '1',
      })
      expect(contact).toMatchObject({
        firstTouch: { source: 'google', campaign: 'spring' },
        lastTouch: { source: 'google' },
      })
    })

    test('of a form keeps its names, and its lists', async () => {
      const email = newEmail()
      const { fields, contact } = await post(
        urlencoded(`email=${email}&email=${email}&interests[]=seo&interests[]=ads&Phone+Number=1&utm[source]=bing`),
      )
      expect(fields).toEqual({ email, 'interests[]': ['seo', 'ads'], 'Phone Number': '1', 'utm[source]': 'bing' })
      expect(contact?.metadata).toEqual({ interests: 'seo, ads', phone_number: '1', utm_source: 'bing' })
    })

    test('holds no tokens of captchas or against forged requests, at any level', async () => {
      const email = newEmail()
      const tokens = {
        'g-recaptcha-response': 'x'.repeat(6000),
        'h-captcha-response': 'x',
        'cf-turnstile-response': 'x',
        authenticity_token: 'x',
        csrfmiddlewaretoken: 'x',
        'csrf-token': { deep: 'x' },
        _wpnonce: 'x',
        __RequestVerificationToken: 'x',
      }
      const { fields, contact } = await postJson({
        email,
        ...tokens,
        metadata: { ...tokens, a: [{ ...tokens, b: 1 }] },
      })
      expect(fields).toEqual({ email, metadata: { a: [{ b: 1 }] } })
      expect(contact?.metadata).toEqual({ a_b: '1' })
    })

    test('holds neither tokens nor control fields in brackets', async () => {
      const email = newEmail()
      const dropped =
        'lead[_token]=x&metadata[_redirect]=x&metadata[a][_gotcha]=x&form[csrf_token]=x&_a[b]=x&a[_b][c]=x'
      const { status, fields, contact } = await post(urlencoded(`email=${email}&lead[a]=1&${dropped}`))
      expect({ status, fields }).toEqual({ status: 'ACCEPTED', fields: { email, 'lead[a]': '1', metadata: {} } })
      expect(contact?.metadata).toEqual({ lead_a: '1' })
    })

    test('holds no control fields at any level', async () => {
      const email = newEmail()
      const metadata = { _secret: 's', 'a[_b]': 's', c: [{ _d: 's', e: 1 }] }
      const { status, fields, contact } = await postJson({ email, metadata, nest: { _gotcha: 's' }, _t2: { f: 's' } })
      expect({ status, fields }).toEqual({
        status: 'ACCEPTED',
        fields: { email, metadata: { c: [{ e: 1 }] }, nest: {} },
      })
      expect(contact?.metadata).toEqual({ c_e: '1' })
    })

    test('may repeat a token with other values', async () => {
      const email = newEmail()
      const repeated = '&_wpnonce=a&_wpnonce=b&g-recaptcha-response=a&g-recaptcha-response=b'
      expect((await post(urlencoded(`email=${email}${repeated}`))).fields).toEqual({ email })
    })

    test('changes are told with their values, though they were posted under other names', async () => {
      const { changes } = await postJson({ email: newEmail(), fname: 'Jane', tags: ['a', 'b'] })
      expect(changes).toContainEqual({ field: 'first_name', before: null, after: 'Jane' })
      expect(changes).toContainEqual({ field: 'metadata.tags', before: null, after: 'a, b' })
    })
  })

  test('files are dropped, and their names are kept under their fields', async () => {
    const email = newEmail()
    const file = (name: string, fileName: string, content: string | Buffer = 'content') =>
      Buffer.concat([
        Buffer.from(`Content-Disposition: form-data; name="${name}"; ${fileName}\r\nContent-Type: image/png\r\n\r\n`),
        Buffer.from(content),
      ])
    const { fields, contact } = await post(
      multipart(
        part('email', email),
        file('cv', 'filename="C:\\Jane\\cv.pdf"', Buffer.from([0xff, 0, 0xd8])),
        file('photos[]', 'filename="a.png"'),
        file('photos[]', "filename=b.png; filename*=UTF-8''%C3%A4.png"),
        file('left_alone', 'filename=""', ''),
        file('empty', 'filename="empty.txt"', ''),
        file('email', 'filename="email.txt"'),
        file('_t', 'filename="t"'),
      ),
    )
    expect(fields).toEqual({ email, cv: 'cv.pdf', 'photos[]': ['a.png', 'ä.png'] })
    expect(contact?.metadata).toEqual({ cv: 'cv.pdf', photos: 'a.png, ä.png' })
  })

  describe('names', () => {
    test.each<[string, Json, string | null, string | null, Json]>([
      ['firstName and lastName', { firstName: 'Jane', lastName: 'Doe' }, 'Jane', 'Doe', {}],
      ['firstname and lastname', { firstname: 'Jane', lastname: 'Doe' }, 'Jane', 'Doe', {}],
      ['fname and lname', { fname: 'Jane', lname: 'Doe' }, 'Jane', 'Doe', {}],
      ['name', { name: '  Jane   Maria Doe ' }, 'Jane', 'Maria Doe', {}],
      ['full_name', { full_name: 'Jane' }, 'Jane', null, {}],
      ['an object of names', { name: { first: 'Jane', last: 'Doe' } }, 'Jane', 'Doe', {}],
      ['labels', { 'First Name': 'Jane', 'Last Name:': 'Doe' }, 'Jane', 'Doe', {}],
      ['a name beside both', { first_name: 'A', last_name: 'B', name: 'C D' }, 'A', 'B', { name: 'C D' }],
      ['a full name beside a first name', { first_name: 'Jane', name: 'Jane Doe' }, 'Jane', 'Doe', {}],
      ['a word beside a first name', { first_name: 'Jane', name: 'JD' }, 'Jane', null, { name: 'JD' }],
      ['a blank first name', { first_name: ' ', fname: 'Jane' }, 'Jane', null, {}],
      ['a name that is no text', { name: 7, fname: true }, null, null, { name: 7, fname: true }],
      ['a text too long for a name', { name: 'x'.repeat(201) }, null, null, { name: 'x'.repeat(201) }],
      ['several names', { name: ['Jane', 'Joan'] }, null, null, { name: 'Jane, Joan' }],
    ])('are found in %s', async (_what, body, firstName, lastName, metadata) => {
      const { contact } = await postJson({ email: newEmail(), ...body })
      expect(contact).toMatchObject({ firstName, lastName })
      expect(contact?.metadata).toEqual(metadata)
    })

    test('the e-mail is refused where two addresses could be the person’s', async () => {
      const two = { mail: newEmail(), 'Work E-Mail': newEmail() }
      const answer = await sendJson(app.url, '/capture', two)
      expect(answer).toMatchObject({ status: 422, json: { error: { fields: [{ path: 'email' }] } } })
    })
  })

  describe('the query of the URL', () => {
    const query = '?source=partner&utm_source=google&utm_campaign=&gclid=g-1&email=x@example.com&api_key=y&page=2'

    test.each(['/capture', '/capture/'])('of %s counts as fields: source, utm_* and click ids', async (path) => {
      const email = newEmail()
      const { fields, contact } = await postJson({ email }, `${path}${query}`)
      expect(fields).toEqual({ email, source: 'partner', utm_source: 'google', gclid: 'g-1' })
      expect(contact).toMatchObject({
        email,
        source: 'partner',
        metadata: { utm_source: 'google', gclid: 'g-1' },
        firstTouch: { source: 'google', clickIds: { gclid: 'g-1' } },
      })
    })

    test('loses to a field of the body, wherever that stands', async () => {
      const bodies = [{ utm_source: 'b' }, { metadata: { utm_source: 'b' } }, { utm: { source: 'b' } }]
      for (const body of bodies) {
        const { contact, fields } = await postJson({ email: newEmail(), source: 'own', ...body }, `/capture${query}`)
        expect(contact).toMatchObject({ source: 'own', metadata: { utm_source: 'b', gclid: 'g-1' } })
        expect(fields).toMatchObject(body)
      }
    })

    test('counts where the field of the body is blank, in a form too', async () => {
      const form = urlencoded(`email=${newEmail()}&utm_source=&source=`)
      expect((await post(form, `/capture${query}`)).contact).toMatchObject({
        source: 'partner',
        lastTouch: { source: 'google' },
      })
    })

    test.each([
      '?utm_source=%ff%zz&utm_term=%00',
      `?source=${'x'.repeat(201)}`,
      '?__proto__=1&utm_=2',
      '?&&=&utm_source',
    ])('never makes a capture invalid: %s', async (broken) => {
      await postJson({ email: newEmail() }, `/capture${broken}`)
    })

    test('belongs to what an Idempotency-Key stands for, as far as it counts', async () => {
      const email = newEmail()
      const statusOf = async (path: string) =>
        (await sendJson(app.url, path, { email }, { 'idempotency-key': `query-${email}` })).status
      expect(await statusOf('/capture?utm_source=a&gclid=b')).toBe(201)
      expect(await statusOf('/capture/?gclid=b&utm_source=a&cache=1')).toBe(201)
      expect(await statusOf('/capture?utm_source=c&gclid=b')).toBe(409)
      expect(await statusOf('/capture')).toBe(409)
    })
  })

  test('of more than 100 fields the first 50 keys are on the contact, and all on the submission', async () => {
    const email = newEmail()
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, nth) => [`z${150 - nth}`, 'x']))
    const { fields, contact } = await post(urlencoded(new URLSearchParams({ ...many, email }).toString()))
    expect(fields).toEqual({ ...many, email })
    expect(contact?.metadata).toEqual(Object.fromEntries(Object.entries(many).slice(0, 50)))
  })

  test('a browser gets its problems as a page at /capture/ too', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }
    const answer = await send(app.url, { method: 'POST', path: '/capture/', headers, body: 'email=nobody' })
    expect(answer).toMatchObject({ status: 422, headers: { 'content-type': 'text/html; charset=utf-8' } })
  })

  describe('a release', () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, nth) => [`z${60 - nth}`, 'x']))

    test.each<[string, Json]>([
      ['labels with one slug', { 'Comment?': 'b', 'Comment!': 'a', comment_: 'c' }],
      ['names under several names', { fname: 'B', firstname: 'A', 'Last Name': 'C', name: 'D E' }],
      ['nested fields and lists', { utm: { source: 'g' }, tags: ['b', 'a'], items: [{ b: 2, a: 1 }, { a: 3 }] }],
      ['more keys than a contact takes', { ...many, metadata: { a: 1 } }],
      ['a label for the e-mail', { fname: 'A' }],
    ])('makes the contact that the capture would have made: %s', async (what, body) => {
      const withEmail = () => (what.endsWith('e-mail') ? { Email: newEmail() } : { email: newEmail() })
      const path = '/capture?source=s&utm_source=q'
      const accepted = await postJson({ ...body, ...withEmail() }, path)
      const held = await postJson({ ...body, ...withEmail(), _t: 'x' }, path)
      expect(held).toMatchObject({ status: 'HELD', contact: null })
      const { contact, fields } = await released(held.id)
      expect(fields).toEqual(held.fields)
      expect(Object.keys(fields).filter((name) => name.startsWith('_'))).toEqual([])
      expect({ ...contact, email: '' }).toEqual({ ...accepted.contact, email: '' })
    })
  })

  test('an erasure finds what was captured under a label, after the e-mail of the contact changed', async () => {
    const [email, later] = [newEmail(), newEmail()]
    const first = await postJson({ 'Email Address': email, name: 'Jane Doe' })
    await postJson({ 'Email Address': email, _gotcha: 'x' })
    const idOf = `query ($email: String!) { contact(by: { email: $email }) { id } }`
    const { data } = await graphql(idOf, { email })
    const { id } = data['contact'] as { id: string }
    const edit = `mutation ($id: ID!, $email: String!) { updateContact(input: { id: $id, email: $email }) { __typename } }`
    expect((await graphql(edit, { id, email: later })).text).toContain('"__typename":"Contact"')
    const erase = `mutation ($id: ID!) { eraseContact(id: $id) { __typename ... on EraseContactSuccess { submissionsRedacted } } }`
    expect((await graphql(erase, { id })).text).toContain('"submissionsRedacted":2')
    expect(first.fields).toHaveProperty(['Email Address'], email)
  })
})
