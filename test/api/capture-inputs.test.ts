import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bootstrap } from '../../src/workspaces/bootstrap.ts'
import { type Received, send, sendJson } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { parseRaw, sendRaw } from '../support/raw-http.ts'
import { runSql } from '../support/test-parts.ts'
import { encodingRows, jsonRows } from './inputs/bodies.ts'
import { forgedRows, hostRows, keyRows } from './inputs/callers.ts'
import { assignmentRows, emailRows, lineRows, metadataRows, prototypeRows } from './inputs/fields.ts'
import { multipartRows, redirectRows, urlencodedRows } from './inputs/forms.ts'
import { rawRows } from './inputs/raw.ts'
import { canary, canaryKey, type Expected, email, type Input, keys, type Row } from './inputs/row.ts'

const table: Readonly<Record<string, readonly Row[]>> = {
  'of JSON': jsonRows,
  'of encodings and sizes': encodingRows,
  'of e-mails': emailRows,
  'of names': lineRows,
  'of metadata': metadataRows,
  'of prototypes': prototypeRows,
  'of what is nobody’s to set': assignmentRows,
  'of forms': urlencodedRows,
  'of multipart forms': multipartRows,
  'of redirects and pages': redirectRows,
  'of hosts': hostRows,
  'of keys': keyRows,
  'of forged headers, methods and paths': forgedRows,
  'of raw HTTP': rawRows,
}

/** A stack, a file of ours, or words of the database. */
const inner =
  /\n\s+at |node_modules|\.ts\b|file:\/\/|"stack"|\b(?:select|insert into|update) \w+|_pkey|constraint|relation "/i
const requestId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

test('the table holds at least 130 inputs, each of them once', () => {
  const rows = Object.values(table).flat()
  expect(rows.length).toBeGreaterThanOrEqual(130)
  expect(new Set(rows.map(([, input]) => JSON.stringify(input))).size).toBe(rows.length)
})

describe('POST /capture', () => {
  let rex: TestHttp

  beforeAll(async () => {
    rex = await startTestHttp()
    await bootstrap(rex.database, { slug: 'acme', configuredKey: keys.acme })
    const origins = '{https://www.example.com,http://www.example.com,http://localhost:3000}'
    await runSql(rex.database, 'update workspace set redirect_origins = $1::text[]', [origins])
    await sendJson(rex.url, '/capture', { email: 'before@example.com' })
  })
  afterAll(() => rex.stop())
  beforeEach(() => {
    rex.logLines.length = 0
  })

  describe.each(Object.entries(table))('%s', (_what, rows) => {
    test.each<Row>(rows)('%s', async (_name, input, expected) => {
      if (expected.kind === 'taken') await forgetAll()
      const before = await everything()
      const answer = await act(input)
      if (expected.kind === 'taken') await expectTaken(answer, expected)
      else expectAnswer(answer, expected, 'raw' in input)
      if (isRefusal(expected)) expect(await everything()).toEqual(before)
      expect(answer.text).not.toContain(canaryKey)
      expect(answer.text).not.toMatch(inner)
      await expectDoorIsOpen()
      expectQuietLog()
    })
  })

  const act = async (input: Input): Promise<Received> => {
    if ('raw' in input) return receivedOf(await sendRaw(rex.url, ...input.raw))
    const { headers, ...sent } = input
    const said = { 'user-agent': canaryKey, cookie: `a=${canaryKey}`, referer: `https://a.example/?e=${email}` }
    const path = `/capture?api_key=${canaryKey}&email=${email}`
    return send(rex.url, { method: 'POST', path, ...sent, headers: { ...said, ...headers } })
  }

  const forgetAll = async () => {
    for (const name of ['contact', 'submission']) await runSql(rex.database, `delete from ${name}`)
  }

  /** Every row that a capture writes or touches. */
  const everything = () =>
    Promise.all(
      ['contact', 'submission', 'event', 'idempotency_key'].map((name) =>
        runSql(rex.database, `select * from ${name} order by 1, 2`),
      ),
    )

  const expectTaken = async (answer: Received, expected: Extract<Expected, { kind: 'taken' }>) => {
    const { id, created_at } = answer.json.data ?? {}
    expect(answer.json).toEqual({ data: { ...expected.answer, id, created_at } })
    expect(answer.status).toBe(201)
    expect(answer.headers['x-request-id'] ?? '').toMatch(requestId)
    const rows = await runSql<Record<string, unknown>>(rex.database, selectStored)
    const { status, metadata, workspace } = expected
    const contact = { ...expected.answer, metadata, id, created_at: new Date(String(created_at)) }
    const isKept = status === 'ACCEPTED'
    expect(rows).toEqual([{ workspace, status, events: isKept ? 1 : 0, ...(isKept ? contact : nobody) }])
  }

  const expectDoorIsOpen = async () => {
    const good = await sendJson(rex.url, '/capture', { email: 'next@example.com' })
    expect(good).toMatchObject({ status: 201, json: { data: { email: 'next@example.com' } } })
  }

  const expectQuietLog = () => {
    expect(rex.logLines.length).toBeGreaterThan(0)
    for (const line of rex.logLines) {
      expect(line).not.toMatch(new RegExp(`@|${canary}|${keys.default}|${keys.acme}`, 'i'))
      expect(line).not.toMatch(inner)
    }
  }
})

const nobody = {
  id: null,
  email: null,
  first_name: null,
  last_name: null,
  source: null,
  stage: null,
  created_at: null,
  metadata: null,
}

// What has come, with its contact and the events of that.
const selectStored = `
  select workspace.slug as workspace, submission.status, contact.id, contact.email, first_name, last_name,
         contact.source, stage, contact.created_at, metadata,
         (select count(*)::int from event where contact_id = submission.contact_id) as events
  from submission
  join workspace on workspace.id = submission.workspace_id
  left join contact on contact.id = submission.contact_id
  order by submission.id`

function isRefusal(expected: Expected): boolean {
  return expected.kind === 'refused' || (expected.kind === 'page' && expected.status >= 400)
}

/** What quotes nothing of what was sent. */
function expectAnswer(answer: Received, expected: Exclude<Expected, { kind: 'taken' }>, isRaw: boolean): void {
  if (expected.kind === 'refused') expectRefusal(answer, expected, isRaw)
  else if (expected.kind === 'page') expectPage(answer, expected)
  else expect([answer.status, answer.headers['location'], answer.text]).toEqual([303, expected.location, ''])
  expect(answer.text).not.toContain(canary)
}

function expectRefusal(answer: Received, expected: Extract<Expected, { kind: 'refused' }>, isRaw: boolean): void {
  const { status, code, message, fields } = expected
  const named = fields && { fields: fields.map(([path, text]) => ({ path, message: text })) }
  const id = answer.headers['x-request-id']
  expect(answer.json).toEqual({ error: { code, message, ...named, request_id: id } })
  expect(id).toMatch(requestId)
  expect(answer.status).toBe(status)
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(isRaw && status === 400 && { connection: 'close' }),
  })
  expect(answer.headers['allow']).toBe(expected.allow)
}

function expectPage({ status, headers, text }: Received, expected: Extract<Expected, { kind: 'page' }>): void {
  expect(status).toBe(expected.status)
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  expect(text).toContain(`<title>${expected.title}</title>`)
  for (const words of expected.says) expect(text).toContain(words)
}

/** An answer by the byte, as the client of ours would have received it. */
function receivedOf(answer: string): Received {
  const { status, json } = parseRaw(answer)
  const [head = '', text = ''] = answer.split('\r\n\r\n', 2)
  const headers = head
    .split('\r\n')
    .slice(1)
    .map((line): [string, string] => {
      const [name = '', value = ''] = line.split(/: (.*)/s)
      return [name.toLowerCase(), value]
    })
  return { status, text, json, headers: Object.fromEntries(headers) }
}
