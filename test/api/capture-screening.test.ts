import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApiKey } from '../../src/workspaces/api-key.ts'
import { everyFormat, type Fields, type Post } from '../support/form-bodies.ts'
import { type Received, send, sendJson } from '../support/http-client.ts'
import { formTokens, startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { runSql } from '../support/test-parts.ts'

const browser = { accept: 'text/html' }
const tooManyLinks = 'http://a.example http://b.example http://c.example http://d.example'

let counted = 0
const newEmail = (domain = 'example.com') => `screened-${++counted}@${domain}`

describe('screening of POST /capture', () => {
  let rex: TestHttp

  beforeAll(async () => {
    rex = await startTestHttp()
    await runSql(rex.database, `update workspace set redirect_origins = '{https://www.example.com}'`)
  })
  afterAll(() => rex.stop())

  const post = ({ headers, body }: Post, more: Fields = {}): Promise<Received> =>
    send(rex.url, { method: 'POST', path: '/capture', headers: { ...headers, ...more }, ...(body && { body }) })

  /** What is stored of an e-mail, as it was posted. */
  const stored = async (email: string) => ({
    submissions: await runSql<{ status: string; fields: unknown; reasons: string[] }>(
      rex.database,
      `select status, fields, spam_reasons as reasons, contact_id, outcome from submission where fields->>'email' = $1`,
      [email],
    ),
    contacts: await runSql(rex.database, 'select id from contact where email = $1', [email]),
    events: await runSql(rex.database, `select type from event where body like '%' || $1::text || '%'`, [email]),
  })

  /** The id and time that the receipt of the newest submission of an e-mail has. */
  const receiptNamedBy = async (email: string) => {
    const [newest] = await runSql<{ id: string; received_at: Date }>(
      rex.database,
      `select id, received_at from submission where fields->>'email' = $1 order by id desc limit 1`,
      [email],
    )
    return { id: newest!.id.replace('sub_', 'cont_'), created_at: newest!.received_at.toISOString() }
  }

  describe.each(everyFormat)('as %s', (_format, form) => {
    test.each<[string, (email: string) => Fields, string, string[]]>([
      ['a filled honeypot', () => ({ _gotcha: 'x' }), 'SPAM', ['honeypot']],
      ['too fast a form', () => ({ _t: formTokens.makeFormToken(new Date()) }), 'HELD', ['form_too_fast']],
      ['a forged token', () => ({ _t: 'forged' }), 'HELD', ['form_token_invalid']],
      ['too many links', () => ({ message: tooManyLinks }), 'HELD', ['too_many_links']],
      ['two signs', () => ({ message: tooManyLinks, _t: 'x' }), 'SPAM', ['form_token_invalid', 'too_many_links']],
    ])(
      '%s is kept with all its fields, and makes no contact and no event',
      async (_what, fieldsOf, status, reasons) => {
        const email = newEmail()
        const { _gotcha, _t, ...kept } = { email, first_name: 'Jane', company: 'Acme', ...fieldsOf(email) } as Fields
        expect((await post(form({ ...kept, ...fieldsOf(email) }))).status).toBe(201)
        expect(await stored(email)).toEqual({
          submissions: [{ status, fields: kept, reasons, contact_id: null, outcome: null }],
          contacts: [],
          events: [],
        })
      },
    )

    test('a disposable domain is held', async () => {
      const email = newEmail('mailinator.com')
      await post(form({ email }))
      expect(await stored(email)).toMatchObject({
        submissions: [{ status: 'HELD', reasons: ['disposable_domain'] }],
        contacts: [],
      })
    })

    test('a form that took a while is accepted', async () => {
      const email = newEmail()
      await post(form({ email, _t: formTokens.makeFormToken(new Date(Date.now() - 5000)) }))
      expect(await stored(email)).toMatchObject({
        submissions: [{ status: 'ACCEPTED', reasons: [] }],
        events: [{ type: 'contact.created' }],
      })
    })

    test.each<[string, Fields]>([
      ['held', { _t: 'x' }],
      ['spam', { _gotcha: 'x' }],
    ])('11.8: what is %s is answered like a new e-mail, and never with a stored id or time', async (_what, sign) => {
      const fields = { email: newEmail(), first_name: ' Jane ', source: 'ads', stage: 'customer' }
      const screened = await post(form({ ...fields, ...sign }))
      const accepted = await post(form(fields))
      const screenedAgain = await post(form({ ...fields, ...sign }))
      expect(alike(screened)).toEqual(alike(accepted))
      expect(alike(screenedAgain)).toEqual(alike(accepted))
      expect(idsOf(screened, accepted, screenedAgain).size).toBe(3)
      expect(screenedAgain.json.data).toMatchObject(await receiptNamedBy(fields.email.trim()))
    })

    test('with a key of the scope CAPTURE nothing is screened', async () => {
      const email = newEmail('mailinator.com')
      const key = await keyWith('CAPTURE')
      await post(form({ email, _gotcha: 'x', _t: 'x', message: tooManyLinks }), { 'x-api-key': key })
      expect(await stored(email)).toMatchObject({
        submissions: [{ status: 'ACCEPTED', reasons: [] }],
        events: [{ type: 'contact.created' }],
      })
    })

    test('11.8: with a key that lacks it, it is, and shows no stored contact', async () => {
      const email = newEmail()
      const key = await keyWith('CONTACTS_READ')
      const known = await post(form({ email, first_name: 'Jane' }))
      const answer = await post(form({ email, _gotcha: 'x', last_name: 'Doe' }), { authorization: `Bearer ${key}` })
      expect(answer.json.data).toMatchObject({ email, first_name: null, last_name: 'Doe', stage: 'lead' })
      expect(answer.json.data).toMatchObject(await receiptNamedBy(email))
      expect(idsOf(known, answer).size).toBe(2)
      expect((await stored(email)).submissions.map(({ status }) => status).sort()).toEqual(['ACCEPTED', 'SPAM'])
    })
  })

  test.each(everyFormat.slice(2))('a browser sees the same page and redirect for %s', async (_format, form) => {
    for (const target of ['', 'https://www.example.com/thanks']) {
      const fields = { email: newEmail(), ...(target && { _redirect: target }) }
      const accepted = await post(form(fields), browser)
      for (const sign of [{ _t: 'x' }, { _gotcha: 'x' }]) {
        const screened = await post(form({ ...fields, email: newEmail(), ...sign }), browser)
        expect([screened.status, screened.text, screened.headers['location']]).toEqual([
          accepted.status,
          accepted.text,
          accepted.headers['location'],
        ])
      }
    }
  })

  test('a known contact is untouched by what is held', async () => {
    const email = newEmail()
    const contact = () => runSql(rex.database, 'select * from contact where email = $1', [email])
    await sendJson(rex.url, '/capture', { email, first_name: 'Jane' })
    const before = await contact()
    await sendJson(rex.url, '/capture', { email, first_name: 'Spam', utm_source: 'spam', _t: 'x' })
    expect(await contact()).toEqual(before)
  })

  /** An answer less what two captures may not share. */
  function alike({ status, headers, text }: Received) {
    const { date: _date, 'x-request-id': _id, ...shared } = headers
    const body = text.replace(/"id":"cont_\w{26}"/, '"id"').replace(/"created_at":"[^"]{24}"/, '"created_at"')
    return { status, headers: shared, body }
  }

  async function keyWith(scope: 'CAPTURE' | 'CONTACTS_READ'): Promise<string> {
    const [workspace] = await runSql<{ id: string }>(rex.database, `select id from workspace where slug = 'default'`)
    const request = { workspaceId: workspace!.id, name: scope, scopes: [scope], actor: 'system' }
    return (await createApiKey(rex.database, request)).token
  }
})

function idsOf(...answers: readonly Received[]): Set<unknown> {
  return new Set(answers.map(({ json }) => json.data?.['id']))
}
