import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { statusOfCode } from '../../src/platform/errors.ts'
import { multipart, multipartOf, part, urlencoded } from '../support/form-bodies.ts'
import { type Received, type Sent, send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'

const bodies = 10_000
/** As many are sent at a time. */
const atOnce = 20

let rex: TestHttp

beforeAll(async () => {
  rex = await startTestHttp()
})
afterAll(() => rex.stop())

const name = fc.oneof(
  fc.constantFrom('email', 'first_name', 'source', 'metadata', 'metadata[a]', 'metadata[__proto__]', '__proto__'),
  fc.constantFrom('_gotcha', '_redirect', 'stage', 'constructor', 'metadata[a][b]', 'metadata[]', 'id', ''),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const value = fc.oneof(
  fc.constantFrom('jane@example.com', 'jane@example.com', 'https://www.example.com/', '', '\u0000', '%', '%ff', '--x'),
  fc.string({ unit: 'binary', maxLength: 40 }),
)
const wild = fc.array(fc.tuple(name, value), { maxLength: 8 })
const tame = fc
  .uniqueArray(fc.constantFrom('first_name', 'source', 'metadata[a]', '_gotcha', 'company', 'id'))
  .chain((names) => fc.tuple(...names.map((key) => fc.tuple(fc.constant(key), fc.string({ maxLength: 40 })))))
  .map((fields): [string, string][] => [['email', 'jane@example.com'], ...fields])
const pairs = fc.oneof(wild, tame)
const jsonValue = fc.oneof(
  fc.json({ maxDepth: 20 }),
  fc.dictionary(name, fc.oneof(value, fc.jsonValue())).map(toJson),
  tame.map((fields) => toJson(Object.fromEntries(fields.filter(([key]) => !key.includes('['))))),
)

/** A body with a few of its bytes replaced, taken out or put in, or as it is. */
const blows = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 2 }), fc.nat({ max: 255 })), { maxLength: 4 })
const damage = fc.oneof(fc.constant([]), blows)

const wellFormed = fc.oneof(
  jsonValue.map((body) => ({ headers: { 'content-type': 'application/json' }, body })),
  jsonValue.map((body) => ({ headers: { 'content-type': 'text/plain' }, body })),
  pairs.map((fields) => urlencoded(fields.map(([key, text]) => `${escaped(key)}=${escaped(text)}`).join('&'))),
  pairs.map((fields) => urlencoded(fields.map((field) => field.join('=')).join('&'))),
  pairs.map((fields) => multipart(...fields.map(([key, text]) => part(key, text)))),
  pairs.map((fields) => multipartOf(fields.flat().join('\r\n--x\r\n'), '; boundary=x')),
)
const noise = fc
  .tuple(
    fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'a/b'),
    fc.uint8Array({ maxLength: 200 }),
  )
  .map(([type, bytes]) => ({ headers: { 'content-type': type }, body: Buffer.from(bytes) }))
const anyBody = fc.oneof({ weight: 6, arbitrary: wellFormed }, { weight: 1, arbitrary: noise })
const accept = fc.constantFrom('*/*', 'application/json', 'text/html')
const thrown = fc.tuple(anyBody, damage, accept)
type Thrown = typeof thrown extends fc.Arbitrary<infer Value> ? Value : never

test(`${bodies} random bodies of all formats are never a 5xx and always the contract's form`, async () => {
  const seen = new Map<number, number>()
  const throwOne = async ([{ headers, body }, harm, accepted]: Thrown) => {
    const answer = await post({ headers: { ...headers, accept: accepted }, body: damaged(body, harm) })
    expectContract(answer, accepted)
    seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1)
  }
  const together = fc.array(thrown, { minLength: atOnce, maxLength: atOnce })
  const property = fc.asyncProperty(together, async (throws) => {
    await Promise.all(throws.map(throwOne))
  })
  await fc.assert(property, { numRuns: bodies / atOnce })
  // What is thrown at it must reach what lies behind the parsers, too.
  for (const status of [200, 201, 400, 415, 422]) expect([...seen.keys()]).toContain(status)
  expect((await post(urlencoded('email=next@example.com'))).status).toBe(201)
})

function post(sent: Pick<Sent, 'headers' | 'body'>): Promise<Received> {
  return send(rex.url, { method: 'POST', path: '/capture', ...sent })
}

function expectContract({ status, headers, json, text }: Received, accepted: string): void {
  expect(status).toBeLessThan(500)
  if (headers['content-type'] === 'text/html; charset=utf-8') {
    expect(accepted).toBe('text/html')
    expect(text).toContain(status === 200 ? 'Thank you' : 'This was not sent')
  } else if (status === 201) {
    expect(json).toEqual({ data: expect.objectContaining({ id: expect.stringMatching(/^cont_/), stage: 'lead' }) })
  } else {
    expect(json.error).toMatchObject({ message: expect.any(String), request_id: expect.any(String) })
    expect(statusOfCode).toHaveProperty(String(json.error?.['code']), status)
  }
}

function damaged(body: string | Buffer | undefined, harm: readonly (readonly [number, number, number])[]): Buffer {
  const bytes = [...Buffer.from(body ?? '')]
  for (const [place, kind, byte] of harm) {
    const at = bytes.length === 0 ? 0 : place % bytes.length
    if (kind === 0) bytes.splice(at, 1)
    if (kind === 1) bytes[at] = byte
    if (kind === 2) bytes.splice(at, 0, byte)
  }
  return Buffer.from(bytes)
}

/** As `encodeURIComponent`, for lone surrogates too. */
function escaped(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
}

function toJson(record: unknown): string {
  return JSON.stringify(record)
}
