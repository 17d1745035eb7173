import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { multipart, multipartOf, part, urlencoded } from '../support/form-bodies.ts'
import { type Sent, send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { expectProblem } from '../support/problem.ts'
import { runSql } from '../support/test-parts.ts'

type Fields = Readonly<Record<string, string>>
type Post = Pick<Sent, 'body' | 'headers'>

const json =
  (type: string) =>
  (fields: Fields): Post => ({ headers: { 'content-type': type }, body: JSON.stringify(fields) })

let counted = 0
const newEmail = () => `keyed-${++counted}@example.com`
const newKey = () => `fill-in ${++counted}`

/** What can set no header, a beacon or a form, says its key in the body. */
describe('an _idempotency_key', () => {
  let rex: TestHttp

  beforeAll(async () => {
    rex = await startTestHttp()
  })
  afterAll(() => rex.stop())

  const post = ({ headers, body }: Post, more: Fields = {}) =>
    send(rex.url, { method: 'POST', path: '/capture', headers: { ...headers, ...more }, ...(body && { body }) })
  const submissions = (email: string) =>
    runSql<{ fields: Fields }>(rex.database, `select fields from submission where fields->>'email' = $1`, [email])

  test('of a form with files stands for their content, and not for the boundary', async () => {
    const fields = { email: newEmail(), _idempotency_key: newKey() }
    const form = (content: string, fileName = 'cv.pdf', boundary = '----one') => {
      const parts = [
        ...Object.entries(fields).map(([name, value]) => part(name, value)),
        `Content-Disposition: form-data; name="cv"; filename="${fileName}"\r\n\r\n${content}`,
      ]
      const body = parts.map((each) => `--${boundary}\r\n${each}\r\n`).join('')
      return multipartOf(`${body}--${boundary}--\r\n`, `; boundary=${boundary}`)
    }
    expect((await post(form('first'))).status).toBe(201)
    expect((await post(form('first', 'cv.pdf', '----two'))).status).toBe(201)
    for (const other of [form('other'), form('first', 'other.pdf')])
      expectProblem(await post(other), 409, 'idempotency_conflict')
    expect(await submissions(fields.email)).toHaveLength(1)
  })

  describe.each<[string, (fields: Fields) => Post]>([
    ['JSON', json('application/json')],
    ['a beacon', json('text/plain;charset=UTF-8')],
    ['a urlencoded form', (fields) => urlencoded(new URLSearchParams(fields).toString())],
    ['a multipart form', (fields) => multipart(...Object.entries(fields).map(([name, value]) => part(name, value)))],
  ])('of %s', (_format, form) => {
    test('makes one submission of the same body sent again, and is not stored', async () => {
      const fields = { email: newEmail(), _idempotency_key: newKey() }
      const first = await post(form(fields))
      expect(first.status).toBe(201)
      expect((await post(form(fields))).json).toEqual(first.json)
      expect(await submissions(fields.email)).toEqual([{ fields: { email: fields.email } }])
    })

    test('refuses another body', async () => {
      const key = newKey()
      await post(form({ email: newEmail(), _idempotency_key: key }))
      const email = newEmail()
      expectProblem(await post(form({ email, _idempotency_key: key })), 409, 'idempotency_conflict')
      expect(await submissions(email)).toEqual([])
    })

    test('may come with the same header, and with no other', async () => {
      const fields = { email: newEmail(), _idempotency_key: newKey() }
      const same = { 'idempotency-key': fields._idempotency_key }
      expect((await post(form(fields), same)).status).toBe(201)
      expect((await post(form(fields))).status).toBe(201)
      expect(await submissions(fields.email)).toHaveLength(1)
      expectProblem(await post(form(fields), { 'idempotency-key': newKey() }), 400, 'invalid_idempotency_key')
    })

    test.each([
      ['nothing', ''],
      ['256 characters', 'k'.repeat(256)],
      ['what cannot be printed', 'é'],
    ])('of %s is refused', async (_what, key) => {
      const email = newEmail()
      expectProblem(await post(form({ email, _idempotency_key: key })), 400, 'invalid_idempotency_key')
      expect(await submissions(email)).toEqual([])
    })
  })

  test('of 255 characters is taken', async () => {
    expect((await post(json('text/plain')({ email: newEmail(), _idempotency_key: 'k'.repeat(255) }))).status).toBe(201)
  })

  test('is a string in JSON, and null is none', async () => {
    const sendKey = (email: string, key: unknown) =>
      post({
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, _idempotency_key: key }),
      })
    for (const key of [7, true, ['k'], {}])
      expectProblem(await sendKey(newEmail(), key), 400, 'invalid_idempotency_key')
    const email = newEmail()
    expect([(await sendKey(email, null)).status, (await sendKey(email, null)).status]).toEqual([201, 201])
    expect(await submissions(email)).toHaveLength(2)
  })
})
